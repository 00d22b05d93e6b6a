import { createHash, randomUUID } from 'node:crypto'
import { refuse } from '../domain/refuse.js'
import { isSha256, type Sha256 } from '../domain/sha256.js'
import type { MetadataStore } from '../ports/metadata-store.js'
import { withHeartbeat } from './heartbeat.js'

/** An answer that can be given again, byte for byte. */
interface RememberedAnswer {
  readonly status: number
  readonly body: string
}

type IdempotentOutcome =
  | { readonly is: 'answered'; readonly answer: RememberedAnswer; readonly again: 'first' | 'replayed' }
  /** The same request is being worked on at this moment. */
  | { readonly is: 'in-progress' }

/** `Idempotency-Key`: draft-ietf-httpapi-idempotency-key-header-07. */
export interface Idempotency {
  /**
   * Runs `work` once for `key`, whichever server gets the request, and gives its answer again for a day.
   *
   * When `work` throws, nothing is remembered: every error of the registry says itself whether its call may be repeated.
   *
   * @param key - of 1 to 200 visible ASCII characters, and `caller`, of 1 to 50 that no other caller has: keys of two
   * callers never meet.
   * @param request - what is asked; the same key for anything else is a ModelValidationError.
   */
  once(
    key: { readonly caller: string; readonly key: string },
    request: string,
    work: () => Promise<RememberedAnswer>,
  ): Promise<IdempotentOutcome>
}

const KEEP_MS = 24 * 60 * 60 * 1000
/** How long after its process died another request with its key is let through. */
const LEASE_MS = 60 * 1000

export function createIdempotency(metadata: MetadataStore): Idempotency {
  return {
    async once({ caller, key }, request, work) {
      if (!/^[\x21-\x7e]{1,200}$/.test(key))
        throw refuse('Idempotency-Key', key, '1 to 200 visible ASCII characters', 'The request')
      const fingerprint = hashOf(request)
      const run = { key: `${caller}:${key}`, owner: randomUUID() }
      const begun = await metadata.beginIdempotent({
        ...run,
        fingerprint,
        leaseMs: LEASE_MS,
        keepMs: KEEP_MS,
      })
      switch (begun.is) {
        case 'done':
          return { is: 'answered', answer: { status: begun.status, body: begun.body }, again: 'replayed' }
        case 'in-progress':
          return { is: 'in-progress' }
        case 'mismatch':
          throw refuse('Idempotency-Key', key, 'a new key for each different request', 'The request')
        case 'new':
          break
      }
      const lease = {
        leaseMs: LEASE_MS,
        renew: () => metadata.renewIdempotent(run, LEASE_MS),
        // Another run may have begun; what this one does is as safe as without a key.
        onLost: () => undefined,
      }
      // What became of the work is the answer; whether that could be written down is not: an entry that stays behind
      // ends with its lease.
      try {
        const answer = await withHeartbeat(lease, undefined, work)
        await metadata.finishIdempotent(run, answer).catch(() => {})
        return { is: 'answered', answer, again: 'first' }
      } catch (error) {
        await metadata.forgetIdempotent(run).catch(() => {})
        throw error
      }
    },
  }
}

function hashOf(text: string): Sha256 {
  const hash = createHash('sha256').update(text).digest('hex')
  if (!isSha256(hash)) throw new TypeError('createHash gave something other than a SHA-256 digest')
  return hash
}
