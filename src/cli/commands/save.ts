import { open, stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { METADATA_LIMIT_BYTES, metadataSchema, modelTypes, parseMetadata } from '../../domain/metadata.js'
import type { ModelRecord } from '../../domain/model-record.js'
import { problemOf } from '../../domain/refuse.js'
import { parseUniqueJson } from '../../domain/unique-json.js'
import { ModelValidationError } from '../../errors/model-validation-failed/error.js'
import type { ModelSource } from '../../sources/model-source.js'
import type { Answer, CliCommand } from '../command.js'
import { eachPair, type Options } from '../options.js'
import { withProgress } from '../progress.js'
import { refOf } from '../record-text.js'
import type { Session } from '../session.js'
import { table } from '../table.js'
import { count, size } from '../text.js'
import { UsageError } from '../usage-error.js'

const examples = [
  {
    what: 'Save one file',
    run: 'modelry save model.json --id btc-lstm --version 1.2.0 --type lstm --input-shape 60,5 --output-shape 1 --accuracy 0.93',
  },
  {
    what: 'Save a folder, with what is known about it in a file',
    run: 'modelry save ./my-model --metadata metadata.json --tag team=quant',
  },
  {
    what: 'Save what another program writes',
    run: 'cat model.onnx | modelry save - --name model.onnx --id vad --version 1.0.0 --type neural --input-shape 1,512 --output-shape 1',
  },
]

/** What no version can be without, and the option that gives it. */
const needed = {
  modelId: '--id',
  version: '--version',
  modelType: '--type',
  inputShape: '--input-shape',
  outputShape: '--output-shape',
} as const

export const save: CliCommand = {
  examples,
  configure(command) {
    command
      .argument('<source>', 'a file, a folder, or - for standard input')
      .option('--id <model>', 'name of the model')
      .option('--version <version>', 'semantic version, such as 1.0.0')
      .option('--type <type>', `one of ${modelTypes.join(', ')}`)
      .option('--input-shape <numbers>', 'tensor dimensions without the batch axis, such as 60,5')
      .option('--output-shape <numbers>', 'the same for the output, such as 1')
      .option('--accuracy <number>', 'between 0 and 1')
      .option('--metric <name=number>', 'a further metric; may be given several times', eachPair)
      .option('--tag <name=value>', 'a tag; may be given several times', eachPair)
      .option('--description <text>', 'what the version is')
      .option('--framework <name>', 'what it was made with, such as tensorflow.js')
      .option('--metadata <file>', 'a JSON file with any of the metadata; options win over it')
      .option('--s3-path <address>', 'where to put it, such as s3://models/a/b; chosen when absent')
      .option('--name <path>', 'name of the file, when it comes from standard input')
  },
  async run(session, [source = ''], options) {
    const given = await metadataFrom(session, options)
    const missing = Object.entries(needed).flatMap(([field, option]) => (field in given ? [] : [option]))
    // A field with a name that is none may be the one that seems to be missing: the schema tells both.
    const isKnown = (field: string) => Object.hasOwn(metadataSchema.shape, field)
    if (missing.length > 0 && Object.keys(given).every(isKnown))
      throw new UsageError(
        `save needs ${missing.join(', ')} as well. Give ${missing.length === 1 ? 'it' : 'them'} as options or in the file of --metadata.`,
      )
    const metadata = parseMetadata(given)
    const model = await sourceFrom(session, source, options)
    const registry = await session.registry()
    const record = await withProgress(session, 'Saving', async (onProgress) =>
      registry.saveModel(model, metadata, {
        signal: session.signal,
        onProgress,
      }),
    )
    return saved(session, record)
  },
}

async function saved(session: Session, record: ModelRecord): Promise<Answer> {
  const ref = refOf(record)
  const place = await session.placeOf(record.s3Path)
  const pending = record.storage === 'pending' ? await pendingNote(session, record) : undefined
  return {
    json: record,
    text: (paint, { width }) =>
      [
        `${paint.good('Saved')} ${paint.strong(ref)}, version ${record.number} of ${record.modelId}: ${count(record.files.length, 'file')}, ${size(record.size)}.`,
        '',
        table(
          [
            { head: 'FILE', cell: ({ path }) => path, atLeast: 16 },
            { head: 'SIZE', cell: (file) => size(file.size), align: 'right' },
            { head: 'SHA256', cell: ({ sha256 }) => sha256, atLeast: 12 },
          ],
          record.files,
          width,
        ),
        '',
        ...(pending ?? [`Stored at ${record.s3Path}`]),
        ...(place === undefined ? [] : [`which is  ${place}`]),
        '',
        'Next',
        `  ${paint.command(session.next(`deploy ${ref} --env production`))}`,
        `  ${paint.command(session.next(`get ${ref}`))}`,
      ].join('\n'),
  }
}

async function pendingNote(session: Session, { s3Path, files }: ModelRecord): Promise<string[]> {
  const { remote, fallback } = (await session.config()).config
  const holder = files.find(({ heldBy }) => heldBy !== undefined)?.heldBy
  const where = remote === undefined ? `in ${fallback?.folder}` : 'on the machine of the server'
  return [
    `Pending: the store is away, and the spool ${holder} keeps the files ${where} until it is back. They will be at`,
    s3Path,
    remote === undefined
      ? `Once it is back, ${session.next('sync')} carries them over; a server does so by itself.`
      : 'The server carries them over by itself, once it is back.',
  ]
}

/** The file's fields, with those of the options over them; nothing is checked but that a number reads as one. */
async function metadataFrom(session: Session, options: Options): Promise<Record<string, unknown>> {
  const file = options.text('metadata')
  const base = file === undefined ? {} : await metadataFile(resolve(session.terminal.cwd, file), file)
  const given = {
    modelId: options.text('id'),
    version: options.text('version'),
    modelType: options.text('type'),
    inputShape: dimensions(options.text('inputShape')),
    outputShape: dimensions(options.text('outputShape')),
    accuracy: numeral(options.text('accuracy')),
    description: options.text('description'),
    framework: options.text('framework'),
    s3Path: options.text('s3Path'),
    metrics: merged(base.metrics, mapped(options.pairs('metric'), numeral)),
    tags: merged(base.tags, options.pairs('tag')),
  }
  return { ...base, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) }
}

async function metadataFile(path: string, name: string): Promise<Record<string, unknown>> {
  const value = parseUniqueJson(await limitedText(path, name), name)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw refused(name, value, 'an object of metadata')
  return { ...value }
}

/** Reads no more than metadata may be long, so that a model given by mistake is not read whole. */
async function limitedText(path: string, name: string): Promise<string> {
  try {
    await using file = await open(path)
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(METADATA_LIMIT_BYTES + 1) })
    const bytes = buffer.subarray(0, bytesRead)
    if (bytesRead <= METADATA_LIMIT_BYTES) return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw refused(
      name,
      cause instanceof Error ? cause.message : String(cause),
      'a file that can be read',
      cause,
    )
  }
  throw refused(name, 'a longer file', `at most ${METADATA_LIMIT_BYTES} bytes`)
}

async function sourceFrom(session: Session, source: string, options: Options): Promise<ModelSource> {
  const name = options.text('name')
  if (source === '-') {
    if (name === undefined)
      throw new UsageError(
        'Standard input has no name of its own. Give one with --name, such as --name model.onnx.',
      )
    const { fromParts } = await import('../../sources/from-parts.js')
    return fromParts({ [name]: session.terminal.stdin })
  }
  if (name !== undefined)
    throw new UsageError(`--name is for standard input. ${basename(source)} has its own name.`)
  const path = resolve(session.terminal.cwd, source)
  const found = await stat(path).catch(() => undefined)
  if (found?.isDirectory()) return (await import('../../sources/from-folder.js')).fromFolder(path)
  // A file that is not there is refused by the source itself, in its own words.
  return (await import('../../sources/from-file.js')).fromFile(path)
}

/** `60,5`; what is not a number stays text, for the schema to point at. */
function dimensions(text: string | undefined): unknown {
  return text?.split(',').map((part) => numeral(part.trim()))
}

function numeral(text: string | undefined): number | string | undefined {
  return text !== undefined && /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : text
}

function mapped<T>(pairs: Readonly<Record<string, string>>, map: (text: string) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(pairs).map(([name, value]) => [name, map(value)]))
}

function merged(base: unknown, added: Readonly<Record<string, unknown>>): unknown {
  if (Object.keys(added).length === 0) return undefined
  return typeof base === 'object' && base !== null ? { ...base, ...added } : added
}

function refused(name: string, found: unknown, allowed: string, cause?: unknown): ModelValidationError {
  return new ModelValidationError(
    { operation: `The metadata file ${name}`, validationErrors: [problemOf('', found, allowed)] },
    cause === undefined ? {} : { cause },
  )
}
