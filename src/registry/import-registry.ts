import type { ModelId } from '../domain/model-id.js'
import { refuse } from '../domain/refuse.js'
import type { Sha256 } from '../domain/sha256.js'
import type { TokenRow } from '../domain/transfer-row.js'
import type { Version } from '../domain/version.js'
import { DuplicateModelError } from '../errors/duplicate-model/error.js'
import type { Comparison, ReadNameRows } from '../ports/metadata-transfer.js'
import { AddressMap, type AddressRule, placeAddress } from './address-map.js'
import type { RegistryDeps } from './deps.js'
import { digestOf } from './digest.js'
import { type ExportPlace, readManifest, type TransferCounts } from './export-place.js'
import { placeFile } from './place-file.js'
import type { TransferOptions } from './registry.js'
import { type RowGroup, RowsFile } from './rows-file.js'
import { severalAtOnce } from './several-at-once.js'
import { createTally } from './transfer-tally.js'

/** Files on their way at once. */
const FILES = 4
/** How many clashes a dry run lists. */
const CLASHES = 100

export interface ImportOptions extends TransferOptions {
  /** Which export of the place; the newest that is whole by default. */
  readonly export?: string | undefined
  /** Says what would be done, and changes nothing. */
  readonly dryRun?: boolean | undefined
  /** Where files go whose addresses are not to be kept. */
  readonly map?: readonly AddressRule[] | undefined
  /** Leaves the access tokens of the export out. */
  readonly withoutTokens?: boolean | undefined
}

/** A model that is there and is not the one of the export. */
export interface ImportClash {
  readonly modelId: ModelId
  readonly version?: Version
  readonly existing?: Sha256 | ModelId
  readonly offered?: Sha256
}

export interface ImportReport {
  readonly id: string
  readonly place: string
  readonly dryRun: boolean
  /** What the export holds. */
  readonly counts: TransferCounts
  /** Names, with or without versions; for a dry run, what would be imported. */
  readonly names: { readonly imported: number; readonly present: number; readonly renumbered: number }
  readonly copied: { readonly files: number; readonly bytes: number }
  /** Files that were in the store already, each read and compared. */
  readonly there: number
  readonly tokens: { readonly added: number; readonly present: number; readonly kept: readonly string[] }
  /** The rules by which addresses were changed, and for how many files. */
  readonly mapped: readonly (AddressRule & { readonly files: number })[]
  /** For a dry run; without one, the first is an error and nothing is imported. */
  readonly clashes: readonly ImportClash[]
}

/**
 * Brings an export into this registry: every version with its number, times and digest, aliases, approvals, deployments
 * with their links, history, and tokens by their hashes. Each model appears in one transaction, after its files; a crash
 * leaves whole models, and files that the next import finds there. Importing again continues, and changes nothing of
 * what it brought before.
 *
 * @throws DuplicateModelError when a model is there that is not the one of the export; nothing is imported then, unless
 * it was saved while the import ran, which leaves that model alone.
 * @throws S3DownloadError with reason `checksum-mismatch` and the file, when a byte of the export is not as it was.
 * @throws ModelValidationError when there is no whole export, or a name differs only in case from one that is there.
 */
export async function importRegistry(
  deps: RegistryDeps,
  from: ExportPlace,
  options: ImportOptions = {},
): Promise<ImportReport> {
  const manifest = await readManifest(from, options.export)
  const rows = new RowsFile(from, manifest.rows, options.signal)
  await rows.verify()
  const map = new AddressMap(options.map ?? [], {
    from: placeAddress(manifest.place),
    to: placeAddress(deps),
  })
  const work = new Work(deps, from, rows, map, manifest.counts, options)
  const clashes = await work.plan(manifest.digest)
  if (options.dryRun !== true) {
    const [first] = clashes
    if (first !== undefined) throw clashError(first)
    await work.run()
  }
  return {
    id: manifest.id,
    place: from.shown,
    dryRun: options.dryRun === true,
    counts: manifest.counts,
    ...work.report(),
    mapped: map.used,
    clashes,
  }
}

class Work {
  readonly #deps: RegistryDeps
  readonly #from: ExportPlace
  readonly #rows: RowsFile
  readonly #map: AddressMap
  readonly #counts: TransferCounts
  readonly #options: ImportOptions
  readonly #names = { imported: 0, present: 0, renumbered: 0 }
  readonly #copied = { files: 0, bytes: 0 }
  readonly #tokens = { added: 0, present: 0, kept: [] as string[] }
  #there = 0
  #passed = 0

  constructor(
    deps: RegistryDeps,
    from: ExportPlace,
    rows: RowsFile,
    map: AddressMap,
    counts: TransferCounts,
    options: ImportOptions,
  ) {
    this.#deps = deps
    this.#from = from
    this.#rows = rows
    this.#map = map
    this.#counts = counts
    this.#options = options
  }

  /** Looks at every row before anything is changed. @returns what clashes. */
  async plan(digest: Sha256): Promise<ImportClash[]> {
    const tally = createTally()
    const clashes: ImportClash[] = []
    for await (const group of this.#groups()) {
      if (group.is === 'token') {
        tally.add(group.row)
        continue
      }
      let modelId: ModelId | undefined
      for await (const row of group.rows()) {
        modelId ??= row.modelId
        tally.add(row)
        if (row.row !== 'version') continue
        const actual = digestOf(row.files)
        if (actual !== row.digest) throw this.#rows.differs(row.digest, actual)
        for (const file of row.files) this.#map.count(file.address)
      }
      if (modelId === undefined) continue
      const found = await this.#deps.metadata.compareRows(this.#mapped(group.rows))
      if (found.is === 'new') this.#names.imported++
      else if (found.is === 'present') this.#names.present++
      else if (clashes.length < CLASHES) clashes.push(toClash(modelId, found))
    }
    const [expected, actual] = [JSON.stringify(this.#counts), JSON.stringify(tally.counts())]
    if (expected !== actual) throw this.#rows.differs(expected, actual)
    const versions = tally.digest()
    if (versions !== digest) throw this.#rows.differs(digest, versions)
    return clashes
  }

  async run(): Promise<void> {
    this.#names.imported = 0
    this.#names.present = 0
    for await (const group of this.#groups())
      if (group.is === 'name') await this.#importName(this.#mapped(group.rows))
      else if (this.#options.withoutTokens !== true) await this.#importToken(group.row)
  }

  report(): Pick<ImportReport, 'names' | 'copied' | 'there' | 'tokens'> {
    return {
      names: { ...this.#names },
      copied: { ...this.#copied },
      there: this.#there,
      tokens: { ...this.#tokens, kept: [...this.#tokens.kept] },
    }
  }

  async *#groups(): AsyncGenerator<RowGroup> {
    for await (const group of this.#rows.groups()) {
      this.#options.signal?.throwIfAborted()
      yield group
    }
  }

  #mapped(rows: ReadNameRows): ReadNameRows {
    const map = this.#map
    return async function* () {
      for await (const row of rows()) yield map.row(row)
    }
  }

  async #importName(rows: ReadNameRows): Promise<void> {
    const { metadata } = this.#deps
    const modelId = await nameOf(rows)
    if (modelId === undefined) return
    const before = await metadata.compareRows(rows)
    if (before.is === 'new') await this.#placeFiles(rows)
    const done = before.is === 'new' ? await metadata.importRows(rows) : before
    switch (done.is) {
      case 'imported':
        this.#names.imported++
        if (done.renumbered) this.#names.renumbered++
        return
      case 'present':
        this.#names.present++
        return
      case 'altered':
        throw this.#rows.differs(done.expected, done.actual)
      default:
        throw clashError(toClash(modelId, done))
    }
  }

  async #placeFiles(rows: ReadNameRows): Promise<void> {
    const { signal, onProgress } = this.#options
    async function* jobs() {
      for await (const row of rows())
        if (row.row === 'version') for (const file of row.files) yield { row, file }
    }
    await severalAtOnce(jobs(), FILES, async ({ row, file }) => {
      const { modelId, version } = row
      if (await placeFile(this.#deps, this.#from, { modelId, version }, file, signal)) {
        this.#copied.files++
        this.#copied.bytes += file.size
      } else this.#there++
      this.#passed += file.size
      onProgress?.({ bytes: this.#passed, totalBytes: this.#counts.bytes, file: file.path })
    })
  }

  /** A name that another token has keeps that one: whoever runs this registry gave it. */
  async #importToken({ name, hash, scopes, createdAt }: TokenRow): Promise<void> {
    const { metadata } = this.#deps
    const known = await metadata.findToken(hash)
    if (known?.name === name) this.#tokens.present++
    else if (known === undefined && (await metadata.addToken({ name, hash, scopes, createdAt })))
      this.#tokens.added++
    else this.#tokens.kept.push(name)
  }
}

async function nameOf(rows: ReadNameRows): Promise<ModelId | undefined> {
  for await (const { modelId } of rows()) return modelId
  return undefined
}

type Clash = Extract<Comparison, { is: 'clash' | 'name-clash' }>

function toClash(modelId: ModelId, found: Clash): ImportClash {
  if (found.is === 'name-clash') return { modelId, existing: found.existing }
  const { is: _, ...facts } = found
  return { modelId, ...facts }
}

function clashError({ modelId, version, existing, offered }: ImportClash): Error {
  if (version !== undefined) {
    const digests = {
      ...(existing === undefined ? {} : { existing }),
      ...(offered === undefined ? {} : { offered, identical: offered === existing }),
    }
    return new DuplicateModelError({ operation: 'importRegistry', modelId, version, ...digests })
  }
  const allowed =
    existing === undefined
      ? 'a name that this registry has not had: it has a history of its own under that one, which stays'
      : `a name that differs from ${existing} in more than case`
  return refuse('modelId', modelId, allowed, 'The import')
}
