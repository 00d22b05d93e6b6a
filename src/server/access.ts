import { createHash, timingSafeEqual } from 'node:crypto'
import type { AccessTokens, TokenIdentity, TokenScope } from '../registry/access-tokens.js'
import { tokenScopes } from '../registry/access-tokens.js'
import { restate } from '../registry/restate.js'

/** How long an answer of the database about tokens is used again: revoking one takes effect within this time. */
const KEEP_MS = 1_000
const KEEP_AT_MOST = 1_000
/** Whoever has the admin token, by the name that the history has. */
const ADMIN: TokenIdentity = { name: 'ADMIN_TOKEN', scopes: ['admin'] }

export interface Access {
  /** Whose token it is; undefined when nobody's. */
  identify(token: string): Promise<TokenIdentity | undefined>
  /** Whether requests without a token are taken: while there is no token and the server may do without. */
  isOpen(): Promise<boolean>
  /** Whether they are, as far as is known without asking. */
  isKnownOpen(): boolean
  /** Forgets what was kept, after a change of the tokens through this server. */
  refresh(): void
}

/**
 * Who may do what, with answers kept for a second so that each request does not cost a look-up.
 *
 * Once a token has been seen, the server stays closed to requests without one: revoking the last token must not open it.
 *
 * @param mayBeOpen - whether the server listens where only this machine can connect, or was told `insecure`.
 * @param adminToken - one that the registry does not keep. It works while the database is away, and leaves the server as
 * open as it is.
 */
export function createAccess(tokens: AccessTokens, mayBeOpen: boolean, adminToken?: string): Access {
  const admin = adminToken === undefined ? undefined : digestOf(adminToken)
  let open = mayBeOpen
  let askedAt = Number.NEGATIVE_INFINITY
  // By hash: the tokens themselves stay out of memory, and comparing with what is kept tells nothing of them.
  const known = new Map<string, { identity: TokenIdentity; until: number }>()
  return {
    async identify(token) {
      const now = performance.now()
      const digest = digestOf(token)
      // Digests are of one length, and how far they agree says nothing of the token.
      if (admin !== undefined && timingSafeEqual(digest, admin)) return ADMIN
      const hash = digest.toString('base64')
      const kept = known.get(hash)
      if (kept !== undefined && kept.until > now) return kept.identity
      const identity = await lookedUp(tokens.identify(token))
      known.delete(hash)
      if (identity === undefined) return undefined
      open = false
      if (known.size >= KEEP_AT_MOST) known.clear()
      known.set(hash, { identity, until: now + KEEP_MS })
      return identity
    },
    async isOpen() {
      if (!open || performance.now() - askedAt < KEEP_MS) return open
      open = (await lookedUp(tokens.list())).length === 0
      askedAt = performance.now()
      return open
    },
    isKnownOpen: () => open && performance.now() - askedAt < KEEP_MS,
    refresh() {
      known.clear()
      askedAt = Number.NEGATIVE_INFINITY
    },
  }
}

/** Whoever called asked for something else, and is not to read the name of a method that nobody called. */
async function lookedUp<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    throw restate(error, { operation: 'the look-up of access tokens' })
  }
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

/** Each scope allows what the ones before it do. */
export function allows(identity: TokenIdentity, needed: TokenScope): boolean {
  const rank = tokenScopes.indexOf(needed)
  return identity.scopes.some((scope) => tokenScopes.indexOf(scope) >= rank)
}
