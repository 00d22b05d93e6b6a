import type { ModelFile } from '../domain/model-record.js'
import { isAtOrBelow, type S3Address } from '../domain/s3-address.js'
import type { Leftover } from '../errors/model-registry-error.js'
import type { RegistryDeps } from './deps.js'
import { withHeartbeat } from './heartbeat.js'
import { heldElsewhere } from './held-elsewhere.js'

type Written = readonly Pick<ModelFile, 'address' | 'ownership'>[]

/**
 * Removes what a failed save wrote and frees the version. The save is withdrawn first, so that nobody publishes what is
 * being removed or goes on with it, and its version and addresses stay taken until that is done.
 *
 * @param uploads - that it left unfinished.
 * @returns what could not be taken back; nothing when the save turns out to be published.
 */
export async function takeBack(
  deps: RegistryDeps,
  saveId: string,
  files: Written,
  uploads: readonly string[] = [],
): Promise<Leftover[]> {
  const withdrawn = `${saveId}:withdrawn`
  const written = files.filter(({ ownership }) => ownership === 'registry')
  const open = uploads.map((at): Leftover => ({ kind: 'upload', at }))
  try {
    if (await deps.metadata.withdrawSave(saveId, withdrawn, deps.saveLeaseMs)) {
      // Others may have registered what lay there, had its lease ended before.
      const held = await heldElsewhere(deps, withdrawn, written)
      const own = written.filter(({ address }) => !held.has(address))
      const leftovers = await whileHeld(deps, withdrawn, async (signal) => [
        ...(await remove(deps, own, signal)),
        ...(await endAll(deps, uploads, signal)),
      ])
      await deps.metadata
        .releaseReservation(withdrawn)
        .catch(() => leftovers.push({ kind: 'reservation', at: saveId }))
      return leftovers
    }
    const save = await deps.metadata.findSave(saveId)
    return save?.state === 'ready' ? [] : await removeOwn(deps, saveId, written)
  } catch {
    // The database is away: whether somebody published the save cannot be told, so that its bytes stay.
    const objects = written.map(({ address }): Leftover => ({ kind: 'object', at: address }))
    return [...objects, ...open, { kind: 'reservation', at: saveId }]
  }
}

/**
 * Removes what a save wrote after it lost its version. A derived address holds the save's id, so that nobody else writes
 * there but a save that took the version over and goes on with those bytes. At an address that the caller gave lie perhaps
 * the bytes of the save that took the version over: they stay. So do unfinished uploads, which are its own by then.
 */
export async function removeOwn(deps: RegistryDeps, saveId: string, written: Written): Promise<Leftover[]> {
  const isOwn = ({ address }: Written[number]) => address.includes(saveId)
  const left = written
    .filter((file) => !isOwn(file))
    .map(({ address }): Leftover => ({ kind: 'object', at: address }))
  const taken = await takenOver(deps, saveId, written)
  const own = written.filter((file) => isOwn(file) && !taken.has(file.address))
  return [...left, ...(await remove(deps, own))]
}

/**
 * What another save or version has. Once the version was taken over, whoever goes on with its bytes is recorded with them
 * in every moment, under way or published, and nobody begins to later.
 */
async function takenOver(
  deps: RegistryDeps,
  saveId: string,
  written: Written,
): Promise<ReadonlySet<S3Address>> {
  // Asked in this order: a save that is published in between has its files recorded by then.
  const unfinished = (await deps.metadata.listUnfinished()).filter((one) => one.saveId !== saveId)
  const taken = new Set(await heldElsewhere(deps, saveId, written))
  for (const { address } of written)
    if (unfinished.some(({ s3Path }) => isAtOrBelow(address, s3Path))) taken.add(address)
  return taken
}

/** Work on what the save has, which ends when its lease is lost: another save may have the version and the place by then. */
function whileHeld<T>(
  { metadata, saveLeaseMs: leaseMs }: RegistryDeps,
  saveId: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const renew = () => metadata.renewReservation(saveId, leaseMs)
  return withHeartbeat({ leaseMs, renew, onLost: () => undefined }, undefined, work)
}

async function remove(deps: RegistryDeps, files: Written, signal?: AbortSignal): Promise<Leftover[]> {
  const leftovers: Leftover[] = []
  for (const { address } of files)
    if (signal?.aborted) leftovers.push({ kind: 'object', at: address })
    else await deps.artifacts.delete(address).catch(() => leftovers.push({ kind: 'object', at: address }))
  return leftovers
}

async function endAll(
  deps: RegistryDeps,
  uploads: readonly string[],
  signal: AbortSignal,
): Promise<Leftover[]> {
  const leftovers: Leftover[] = []
  for (const at of uploads) {
    const ended = signal.aborted ? 'left' : await deps.artifacts.endUnfinished(at).catch(() => 'left')
    if (ended === 'left' || ended === 'in-use') leftovers.push({ kind: 'upload', at })
  }
  return leftovers
}
