import type { ModelFile } from '../domain/model-record.js'
import type { Leftover } from '../errors/model-registry-error.js'
import type { RegistryDeps } from './deps.js'

type Written = readonly Pick<ModelFile, 'address' | 'ownership'>[]

/**
 * Removes what a failed save wrote and frees the version. The save is withdrawn first, so that nobody publishes what is
 * being removed, and its version and addresses stay taken until that is done.
 *
 * @returns what could not be taken back; nothing when the save turns out to be published.
 */
export async function takeBack(deps: RegistryDeps, saveId: string, files: Written): Promise<Leftover[]> {
  const withdrawn = `${saveId}:withdrawn`
  const written = files.filter(({ ownership }) => ownership === 'registry')
  try {
    if (await deps.metadata.withdrawSave(saveId, withdrawn, deps.saveLeaseMs)) {
      const leftovers = await remove(deps, written)
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
    return [...objects, { kind: 'reservation', at: saveId }]
  }
}

/**
 * Removes what a save wrote after it lost its lease. A derived address holds the save's id, so that nobody else writes
 * there. At an address that the caller gave lie perhaps the bytes of the save that took the version over: they stay.
 */
export async function removeOwn(deps: RegistryDeps, saveId: string, written: Written): Promise<Leftover[]> {
  const isOwn = ({ address }: Written[number]) => address.includes(saveId)
  const left = written
    .filter((file) => !isOwn(file))
    .map(({ address }): Leftover => ({ kind: 'object', at: address }))
  return [...left, ...(await remove(deps, written.filter(isOwn)))]
}

async function remove(deps: RegistryDeps, files: Written): Promise<Leftover[]> {
  const leftovers: Leftover[] = []
  for (const { address } of files)
    await deps.artifacts.delete(address).catch(() => leftovers.push({ kind: 'object', at: address }))
  return leftovers
}
