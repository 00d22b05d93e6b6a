import type { ModelFile } from '../domain/model-record.js'
import type { Leftover } from '../errors/model-registry-error.js'
import type { RegistryDeps } from './deps.js'

type Written = readonly Pick<ModelFile, 'address' | 'ownership'>[]

/** Removes what a failed save wrote and frees the version. @returns what could not be taken back. */
export async function takeBack(deps: RegistryDeps, saveId: string, files: Written): Promise<Leftover[]> {
  const leftovers = await removeWritten(deps, saveId, files)
  await deps.metadata
    .releaseReservation(saveId)
    .catch(() => leftovers.push({ kind: 'reservation', at: saveId }))
  return leftovers
}

/**
 * Removes the bytes that a save wrote. A derived address holds the save's id, so that nobody else writes there. An address
 * that the caller gave is this save's only while its lease lasts, which is renewed first: past it, the bytes may be those
 * of the save that took the version over, and stay for a scan to find.
 */
export async function removeWritten(deps: RegistryDeps, saveId: string, files: Written): Promise<Leftover[]> {
  const leftovers: Leftover[] = []
  const written = files.filter(({ ownership }) => ownership === 'registry')
  if (written.length === 0) return leftovers
  const derivedOnly = written.every(({ address }) => address.includes(saveId))
  const held =
    derivedOnly || (await deps.metadata.renewReservation(saveId, deps.saveLeaseMs).catch(() => false))
  for (const { address } of written) {
    if (!held && !address.includes(saveId)) leftovers.push({ kind: 'object', at: address })
    else await deps.artifacts.delete(address).catch(() => leftovers.push({ kind: 'object', at: address }))
  }
  return leftovers
}
