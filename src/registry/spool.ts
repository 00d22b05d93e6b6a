import type { ModelFile, ModelRecord } from '../domain/model-record.js'
import type { S3Address } from '../domain/s3-address.js'
import { pendingElsewhere } from '../errors/causes/spool.js'
import { S3DownloadError } from '../errors/s3-download-failed/error.js'
import type { SideOptions, StoredObject } from '../ports/artifact-store.js'
import type { RegistryDeps } from './deps.js'

type Stores = Pick<RegistryDeps, 'artifacts' | 'spool'>

/** Where the bytes of the file are: in a spool that has its name in the record, and in the store otherwise. */
export function sideOf({ heldBy }: Pick<ModelFile | StoredObject, 'heldBy'>): SideOptions {
  return heldBy === undefined ? { from: 'store' } : {}
}

/** Whether the spool here has a pending file: under its own name, or under one that it had before. */
export function isKeptHere(
  { heldBy, address }: Pick<ModelFile, 'heldBy' | 'address'>,
  spool: RegistryDeps['spool'],
  holder: string | undefined,
): boolean {
  return heldBy === holder || spool?.has(address) === true
}

/**
 * What lies at an address that is to be written. What the store has counts before what a spool keeps, which may have been
 * left there by a save that died. While the store is away and a spool stands in for it, that cannot be told and counts as
 * nothing: the carrying over finds out, and overwrites nothing.
 */
export async function lookBeforeWriting(
  { artifacts, spool }: Stores,
  address: S3Address,
): Promise<StoredObject | undefined> {
  try {
    const stored = await artifacts.stat(address, { from: 'store' })
    if (stored !== undefined) return stored
  } catch (error) {
    if (!spool?.isAway(error)) throw error
  }
  return spool?.has(address) ? artifacts.stat(address) : undefined
}

/** @throws S3DownloadError with reason `pending-elsewhere` when the spool of another machine has the file. */
export async function requireHere(
  { spool }: Stores,
  { modelId, version }: Pick<ModelRecord, 'modelId' | 'version'>,
  { heldBy, address, path }: ModelFile,
): Promise<void> {
  if (heldBy === undefined || spool?.has(address) || heldBy === (await spool?.holder())) return
  const facts = { modelId, version, s3Path: address, file: path, holder: heldBy }
  throw new S3DownloadError(facts, { reason: pendingElsewhere })
}
