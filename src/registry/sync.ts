import { createHash, randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { isAtOrBelow, type S3Address } from '../domain/s3-address.js'
import { isModelRegistryError } from '../errors/model-registry-error.js'
import type { PendingFile } from '../ports/metadata-store.js'
import type { Spool } from '../ports/spool.js'
import type { RegistryDeps } from './deps.js'
import { sha256Of } from './digest.js'
import type { SyncItem, SyncOptions } from './engine.js'
import { withHeartbeat } from './heartbeat.js'
import { restate } from './restate.js'
import { isKeptHere } from './spool.js'

/** How long after its process died another one carries on. One that only paused does no harm: see `sync`. */
const LEASE_MS = 2_000
const ASK_AGAIN_MS = 100

/**
 * Carries over what the spool of this machine keeps: each file is sent, then recorded as sent, then removed from the
 * spool, in the order in which the saves began. After a crash between any two of these, the next run does the rest.
 *
 * One process at a time does so, by a lease in the database. Should two, since one of them was paused for longer than its
 * lease, nothing is sent over anything: the store takes an address once, and only the first one's record counts.
 *
 * @see Engine.sync
 */
export async function* sync(deps: RegistryDeps, options: SyncOptions = {}): AsyncGenerator<SyncItem> {
  const { spool } = deps
  const holder = await spool?.holder()
  if (spool === undefined || holder === undefined) return
  if (options.dryRun === true) {
    for (const file of await listOwn(deps, spool, holder)) yield { ...factsOf(file), state: 'pending' }
    return
  }
  const turn = await takeTurn(deps, holder, options.signal)
  try {
    const { stopped } = yield* carryAll(deps, spool, await listOwn(deps, spool, holder), options.signal)
    if (!stopped) await dropSettled(deps, spool)
  } finally {
    await turn.end()
  }
}

/** What is recorded under the name of this spool, and what lies in it under a name that it had before. */
async function listOwn({ metadata }: RegistryDeps, spool: Spool, holder: string): Promise<PendingFile[]> {
  return (await metadata.listPending()).filter((file) => isKeptHere(file, spool, holder))
}

async function* carryAll(
  deps: RegistryDeps,
  spool: Spool,
  files: readonly PendingFile[],
  signal: AbortSignal | undefined,
): AsyncGenerator<SyncItem, { readonly stopped: boolean }> {
  let stopped = false
  for (const file of files) {
    signal?.throwIfAborted()
    if (stopped) {
      yield { ...factsOf(file), state: 'pending' }
      continue
    }
    try {
      await carry(deps, spool, file, signal)
      yield { ...factsOf(file), state: 'synced' }
    } catch (error) {
      if (signal?.aborted || !isModelRegistryError(error)) throw error
      const { modelId, version, path } = file
      const failure = restate(error, { modelId, version, file: path, keptIn: spool.folder })
      // Without the database, the others would be sent and not be recorded as sent.
      stopped = spool.isAway(error) || error.code === 'DATABASE_ERROR'
      if (!spool.isAway(error)) deps.events.emit('sync-failed', { modelId, version, error: failure })
      yield { ...factsOf(file), state: 'failed', error: failure }
    }
  }
  return { stopped }
}

async function carry(
  deps: RegistryDeps,
  spool: Spool,
  { address, sha256, size, heldBy }: PendingFile,
  signal: AbortSignal | undefined,
): Promise<void> {
  await spool.carry(address, { sha256, size }, signal)
  const settled = await deps.metadata.settlePending(address, heldBy, deps.actor)
  await spool.drop(address)
  for (const record of settled)
    if (record.storage === undefined) deps.events.emit('synced', { record, actor: deps.actor })
  // Its version was deleted while it was on its way: nobody else knows of the object.
  if (settled.length === 0 && !(await deps.metadata.knownAddresses([address])).has(address))
    await deps.artifacts.delete(address)
}

/**
 * What a process that died after it had recorded a file as sent has left in the spool, or one that died in a save which
 * another went on with. It goes only where the database knows the address and nobody's file at it as pending, and the
 * store has an object there.
 */
async function dropSettled(deps: RegistryDeps, spool: Spool): Promise<void> {
  const kept: S3Address[] = []
  for await (const { address } of spool.listKept()) kept.push(address)
  if (kept.length === 0) return
  // In this order: a save that is published in between is found as pending by the time that it is no longer unfinished.
  const unfinished = await deps.metadata.listUnfinished()
  const pending = new Set((await deps.metadata.listPending()).map(({ address }) => address))
  for (const address of kept) {
    const underway = unfinished.some(({ s3Path }) => isAtOrBelow(address, s3Path))
    if (underway || pending.has(address)) continue
    // One that nobody knows of was left by a save that died. A scan lists it.
    if (!(await deps.metadata.knownAddresses([address])).has(address)) continue
    const stored = await deps.artifacts.stat(address, { from: 'store' })
    if (stored !== undefined) await spool.drop(address)
  }
}

function factsOf({ modelId, version, path, address, size }: PendingFile) {
  return { modelId, version, file: path, address, bytes: size }
}

/** Waits until no other process of this machine carries over. */
async function takeTurn(
  { metadata }: RegistryDeps,
  holder: string,
  signal: AbortSignal | undefined,
): Promise<{ end(): Promise<void> }> {
  // A space: no key that a request carries has one.
  const work = { key: `sync ${holder}`, owner: randomUUID() }
  const fingerprint = sha256Of(createHash('sha256').update(work.key).digest('hex'))
  const request = { ...work, fingerprint, leaseMs: LEASE_MS, keepMs: 0 }
  while ((await metadata.beginIdempotent(request)).is !== 'new')
    await wait(ASK_AGAIN_MS, undefined, signal === undefined ? {} : { signal })
  const done = Promise.withResolvers<void>()
  const lease = {
    leaseMs: LEASE_MS,
    renew: () => metadata.renewIdempotent(work, LEASE_MS),
    // What another does meanwhile is harmless.
    onLost: () => undefined,
  }
  const held = withHeartbeat(lease, undefined, () => done.promise)
  return {
    async end() {
      done.resolve()
      await held
      await metadata.forgetIdempotent(work).catch(() => {})
    },
  }
}
