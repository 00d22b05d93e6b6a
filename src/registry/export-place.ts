import { createHash } from 'node:crypto'
import { z } from 'zod'
import { refuse } from '../domain/refuse.js'
import { parseS3Address, type S3Address } from '../domain/s3-address.js'
import { isSha256, type Sha256 } from '../domain/sha256.js'
import { checksumMismatch } from '../errors/causes/objects.js'
import { S3DownloadError } from '../errors/s3-download-failed/error.js'
import type { ArtifactStore } from '../ports/artifact-store.js'
import { bytesOf } from './stored-bytes.js'

/**
 * Where exports are. Several can be in one place; they share the files.
 *
 *     <prefix>/exports/<id>/rows-<n>.ndjson   what the registry knows, one JSON object a line
 *     <prefix>/exports/<id>/manifest.json     what belongs to the export; written last
 *     <prefix>/files/<ab>/<sha256>            each content once, under its SHA-256, which begins with <ab>
 *
 * Ids count in time. One without a manifest was cut off, or is under way: its files are there for the next one.
 * `docs/export-format.md` describes all of it.
 */
export interface ExportPlace {
  readonly store: ArtifactStore
  /** `s3://bucket`, or `s3://bucket/folder`. */
  readonly prefix: string
  /** As a person wrote it, for messages. */
  readonly shown: string
  /** Whether nothing but exports is in the store, as in a folder of their own. */
  readonly holds: 'exports' | 'anything'
}

export const FORMAT = 'modelry-export'
export const FORMAT_VERSION = 1
/** A cut-off export is not under way any more when its newest part is older than this. */
const ABANDONED_MS = 24 * 60 * 60 * 1000

const count = z.number().int().min(0)
const sha256 = z.custom<Sha256>((value) => typeof value === 'string' && isSha256(value))

const countsSchema = z.strictObject({
  /** Names that have versions. */
  models: count,
  versions: count,
  /** Files of all versions; content that several have counts for each. */
  files: count,
  bytes: count,
  aliases: count,
  approvals: count,
  deployments: count,
  history: count,
  tokens: count,
})
export type TransferCounts = z.output<typeof countsSchema>

const manifestSchema = z.strictObject({
  format: z.literal(FORMAT),
  formatVersion: z.literal(FORMAT_VERSION),
  id: z.string().regex(/^[0-9A-Za-z-]{1,64}$/),
  createdAt: z.string(),
  createdBy: z.string(),
  /** Where the registry chose its addresses. */
  place: z.strictObject({ bucket: z.string(), prefix: z.string().optional() }),
  rows: z.strictObject({ key: z.string(), size: count, sha256 }),
  counts: countsSchema,
  /** SHA-256 over one line a version, `<modelId>@<version> <digest>\n`, in the order of the rows. */
  digest: sha256,
})
export type Manifest = z.output<typeof manifestSchema>
const storedSchema = manifestSchema.extend({ sha256 })

/** @throws InvalidS3PathError */
export function inPlace({ prefix }: ExportPlace, key: string): S3Address {
  return parseS3Address(`${prefix}/${key}`)
}

export function fileKey(sha256: Sha256): string {
  return `files/${sha256.slice(0, 2)}/${sha256}`
}

/** @param now - ids of later exports sort after those of earlier ones. */
export function newExportId(now: Date, random: string): string {
  const time = now.toISOString().replaceAll(/[-:.]/g, '')
  return `${time}-${random.replaceAll('-', '').slice(0, 8)}`
}

export async function writeManifest(
  place: ExportPlace,
  manifest: Manifest,
  signal?: AbortSignal,
): Promise<S3Address> {
  const address = inPlace(place, `exports/${manifest.id}/manifest.json`)
  const text = JSON.stringify({ ...manifest, sha256: digestOfText(JSON.stringify(manifest)) }, undefined, 2)
  async function* content() {
    yield new TextEncoder().encode(`${text}\n`)
  }
  await place.store.put(address, content(), signal === undefined ? {} : { signal })
  return address
}

/**
 * The manifest of one export: of the newest that is whole, where `id` does not name one.
 *
 * @throws ModelValidationError when there is none, or it is of a format that this program does not know.
 * @throws S3DownloadError with reason `checksum-mismatch` when it was altered.
 */
export async function readManifest(place: ExportPlace, id?: string): Promise<Manifest> {
  const sets = await exportSets(place)
  const whole = [...sets].filter(([, { isWhole }]) => isWhole).map(([name]) => name)
  const chosen = id ?? whole.sort().at(-1)
  if (chosen === undefined || !whole.includes(chosen)) throw noExport(place, whole, sets.size, id)
  const address = inPlace(place, `exports/${chosen}/manifest.json`)
  const parsed = parseJson(Buffer.from(await bytesOf(place.store, address)).toString())
  const version = z.looseObject({ format: z.literal(FORMAT), formatVersion: z.number() }).safeParse(parsed)
  if (version.success && version.data.formatVersion > FORMAT_VERSION)
    throw refuse(
      'from',
      `an export of format version ${version.data.formatVersion}`,
      `format version ${FORMAT_VERSION} or older; a newer modelry reads it`,
      'The import',
    )
  const stored = storedSchema.safeParse(parsed)
  const { sha256: expected, ...manifest } = stored.data ?? {}
  const actual = digestOfText(JSON.stringify(manifest))
  if (!stored.success || expected !== actual)
    throw new S3DownloadError(
      { operation: 'importRegistry', s3Path: address, file: 'manifest.json', expected, actual },
      { reason: checksumMismatch },
    )
  const { sha256: _, ...rest } = stored.data
  return rest
}

/** Removes what exports that were cut off long ago have left beside the files, and what they had begun to send. */
export async function removeAbandoned(place: ExportPlace, now: Date): Promise<void> {
  const { store, holds } = place
  const before = now.getTime() - ABANDONED_MS
  for (const { isWhole, objects, newest } of (await exportSets(place)).values())
    if (!isWhole && newest < before) for (const address of objects) await store.delete(address)
  const folders = ['files', 'exports'].map((folder) => inPlace(place, folder))
  for (const folder of holds === 'exports' ? [undefined] : folders)
    for await (const { at, touchedAt } of store.listUnfinished(folder))
      if (touchedAt.getTime() < before) await store.endUnfinished(at)
}

interface ExportSet {
  isWhole: boolean
  newest: number
  objects: S3Address[]
}

async function exportSets(place: ExportPlace): Promise<Map<string, ExportSet>> {
  const root = inPlace(place, 'exports')
  const sets = new Map<string, ExportSet>()
  for await (const { address, storedAt } of place.store.list(root)) {
    const [id = '', name = ''] = address.slice(root.length + 1).split('/')
    const set = sets.get(id) ?? { isWhole: false, newest: 0, objects: [] }
    sets.set(id, set)
    set.objects.push(address)
    set.newest = Math.max(set.newest, storedAt.getTime())
    if (name === 'manifest.json') set.isWhole = true
  }
  return sets
}

function noExport(place: ExportPlace, whole: readonly string[], begun: number, id: string | undefined) {
  const allowed =
    whole.length > 0
      ? `one of the exports that are there: ${whole.join(', ')}`
      : begun > 0
        ? 'a place with a whole export; the one that was begun there was cut off, and modelry export to the same place goes on with it'
        : 'a place that modelry export has written to'
  return refuse(
    id === undefined ? 'from' : 'export',
    id ?? `no whole export in ${place.shown}`,
    allowed,
    'The import',
  )
}

function digestOfText(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Told as a manifest that was altered.
    return undefined
  }
}
