import type { ModelFile } from '../domain/model-record.js'
import type { S3Address } from '../domain/s3-address.js'
import type { ModelRow, VersionRow } from '../domain/transfer-row.js'
import { objectExists, objectMissing } from '../errors/causes/objects.js'
import { isModelRegistryError, type ModelRegistryError } from '../errors/model-registry-error.js'
import { S3DownloadError } from '../errors/s3-download-failed/error.js'
import { checkedBytes } from './checked-bytes.js'
import type { RegistryDeps } from './deps.js'
import {
  type ExportPlace,
  FORMAT,
  FORMAT_VERSION,
  fileKey,
  inPlace,
  type Manifest,
  newExportId,
  removeAbandoned,
  type TransferCounts,
  writeManifest,
} from './export-place.js'
import type { TransferOptions } from './registry.js'
import { restate } from './restate.js'
import { encodeRows, RowsFile } from './rows-file.js'
import { severalAtOnce } from './several-at-once.js'
import { holds, putFrom } from './stored-bytes.js'
import { createTally } from './transfer-tally.js'

/** Files on their way at once. */
const FILES = 4
/** How often versions may be deleted while their files are copied, before it is called a failure. */
const ROUNDS = 10

export interface ExportOptions extends TransferOptions {
  /** Leaves the access tokens out, which are exported by their hashes otherwise. */
  readonly withoutTokens?: boolean | undefined
  /** Reads files that an earlier export has copied, too, and replaces those that are damaged. */
  readonly recheck?: boolean | undefined
}

export interface ExportReport {
  /** Names the export in its place. */
  readonly id: string
  readonly place: string
  /** Written last: where it is, the export is whole. */
  readonly manifest: S3Address
  readonly counts: TransferCounts
  readonly copied: { readonly files: number; readonly bytes: number }
  /** Files that were there already, from an earlier export or one that was cut off, or because versions share them. */
  readonly reused: number
}

/**
 * Writes all that the registry knows, and the files of all versions, to `to`. What it writes is the registry of one
 * moment, whatever is written meanwhile: the rows are read in one transaction, and where a version has been deleted by
 * the time its files are copied, the rows are read anew. A crash leaves files that the next export to the same place
 * does not copy again, and no manifest, so that nobody takes it for whole.
 *
 * @throws S3DownloadError with the file when one of the registry's own is missing or damaged; then there is no manifest.
 * @throws S3UploadError, S3Error, DatabaseError
 */
export async function exportRegistry(
  deps: RegistryDeps,
  to: ExportPlace,
  options: ExportOptions = {},
): Promise<ExportReport> {
  const id = newExportId(deps.now(), deps.newId())
  const copied = { files: 0, bytes: 0, reused: 0 }
  let seen: Seen = new Map()
  for (let round = 1; ; round++) {
    const written = await writeRows(deps, to, `exports/${id}/rows-${round}.ndjson`, options)
    const missing = await copyFiles(deps, to, written, seen, copied, options)
    if (missing === undefined) {
      const manifest = await finish(deps, to, id, written, options.signal)
      const { files, bytes, reused } = copied
      return { id, place: to.shown, manifest, counts: written.counts, copied: { files, bytes }, reused }
    }
    if (round === ROUNDS) throw missing
    seen = await namesIn(to, written, options)
    await to.store.delete(inPlace(to, written.rows.key))
  }
}

/** The models of the rows before, by name: versions below `nextNumber` were among them, and their files were copied. */
type Seen = ReadonlyMap<string, ModelRow>

async function namesIn(to: ExportPlace, { rows }: Written, { signal }: ExportOptions): Promise<Seen> {
  const names = new Map<string, ModelRow>()
  for await (const row of new RowsFile(to, rows, signal).rows())
    if (row.row === 'model') names.set(row.modelId, row)
  return names
}

type Written = Pick<Manifest, 'rows' | 'counts' | 'digest'>

async function writeRows(
  deps: RegistryDeps,
  to: ExportPlace,
  key: string,
  { signal, withoutTokens }: ExportOptions,
): Promise<Written> {
  const tally = createTally()
  const { size, sha256 } = await deps.metadata.exportRows((rows) => {
    async function* chosen() {
      for await (const row of rows) if (row.row !== 'token' || withoutTokens !== true) yield row
    }
    const content = encodeRows(chosen(), tally.add)
    return putFrom(to.store, inPlace(to, key), content, signal === undefined ? {} : { signal })
  })
  return { rows: { key, size, sha256 }, counts: tally.counts(), digest: tally.digest() }
}

/** @returns the failure of a file whose version has been deleted since the rows were read. */
async function copyFiles(
  deps: RegistryDeps,
  to: ExportPlace,
  { rows, counts }: Written,
  seen: Seen,
  copied: { files: number; bytes: number; reused: number },
  options: ExportOptions,
): Promise<ModelRegistryError | undefined> {
  let gone: ModelRegistryError | undefined
  let bytes = 0
  async function* jobs() {
    let before: ModelRow | undefined
    for await (const row of new RowsFile(to, rows, options.signal).rows())
      if (row.row === 'model') {
        // A model that was made anew counts from 1 again.
        const known = seen.get(row.modelId)
        before = known?.createdAt === row.createdAt ? known : undefined
      } else if (row.row === 'version' && row.number >= (before?.nextNumber ?? 0))
        for (const file of row.files) yield { row, file }
  }
  await severalAtOnce(jobs(), FILES, async ({ row, file }) => {
    try {
      if (await copyFile(deps, to, row, file, options)) {
        copied.files++
        copied.bytes += file.size
      } else copied.reused++
    } catch (error) {
      const missing = isModelRegistryError(error) && error.reason === objectMissing
      if (!missing || !(await isGone(deps, row))) throw error
      gone = error
    }
    bytes += file.size
    options.onProgress?.({ bytes, totalBytes: counts.bytes, file: file.path })
  })
  return gone
}

/** @returns whether it was copied; false when it was there. */
async function copyFile(
  deps: RegistryDeps,
  to: ExportPlace,
  { modelId, version }: VersionRow,
  file: ModelFile,
  { signal, recheck }: ExportOptions,
): Promise<boolean> {
  const address = inPlace(to, fileKey(file.sha256))
  const there = await to.store.stat(address)
  if (there !== undefined) {
    const subject = { modelId, version }
    const sound =
      there.size === file.size &&
      (recheck !== true || (await holds(to.store, { ...file, address }, subject, signal)))
    if (sound) return false
    await to.store.delete(address)
  }
  const facts = { operation: 'exportRegistry', modelId, version, file: file.path }
  try {
    const content = await deps.artifacts.open(file.address, signal === undefined ? {} : { signal })
    const expected = { sha256: file.sha256, size: file.size }
    await putFrom(to.store, address, checkedBytes(content, file, { modelId, version }), {
      expected,
      ...(signal === undefined ? {} : { signal }),
    })
    return true
  } catch (error) {
    // Two versions with the same content, copied at the same time.
    if (isModelRegistryError(error) && error.reason === objectExists) return false
    const own = error instanceof S3DownloadError ? { s3Path: file.address } : {}
    // What was found while the bytes passed names the file already.
    if (error instanceof S3DownloadError && error.context.file !== undefined) throw error
    throw restate(error, { ...facts, ...own })
  }
}

/** Whether the version has been deleted since, or another one has its name. */
async function isGone({ metadata }: RegistryDeps, row: VersionRow): Promise<boolean> {
  const record = await metadata.findVersion(row.modelId, { is: 'version', version: row.version })
  return (
    record === undefined || record.number !== row.number || Date.parse(record.createdAt) !== row.createdAt
  )
}

async function finish(
  deps: RegistryDeps,
  to: ExportPlace,
  id: string,
  written: Written,
  signal: AbortSignal | undefined,
): Promise<S3Address> {
  const { bucket, prefix } = deps
  const manifest = await writeManifest(
    to,
    {
      format: FORMAT,
      formatVersion: FORMAT_VERSION,
      id,
      createdAt: deps.now().toISOString(),
      createdBy: deps.actor,
      place: { bucket, ...(prefix === undefined ? {} : { prefix }) },
      ...written,
    },
    signal,
  )
  // The export is whole. Who may not list or remove in its place has it all the same, and the next one tries again.
  await removeAbandoned(to, deps.now()).catch(() => {})
  return manifest
}
