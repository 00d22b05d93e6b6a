import { z } from 'zod'
import type { ValidationProblem } from '../errors/cause.js'
import { InvalidS3PathError } from '../errors/invalid-s3-path/error.js'
import { type ModelValidationContext, ModelValidationError } from '../errors/model-validation-failed/error.js'
import { redactValue } from '../errors/redact.js'
import { jsonObject } from './json.js'
import { isModelId, MODEL_ID_RULE, type ModelId } from './model-id.js'
import { at, atMost, problemsOf } from './problems.js'
import { problemOf } from './refuse.js'
import { repairMetadata } from './repair-metadata.js'
import { isS3Address, parseS3Address, type S3Address } from './s3-address.js'
import { isVersion, VERSION_RULE, type Version } from './version.js'

export const modelTypes = ['lstm', 'transformer', 'neural', 'ensemble'] as const

/** A whole set of metadata is at most this many bytes as JSON. */
export const METADATA_LIMIT_BYTES = 64 * 1024

const name = (what: string) =>
  z
    .string()
    .regex(
      /^[A-Za-z0-9_][A-Za-z0-9_./ -]{0,63}$/,
      `${what} of letters, digits, "_", ".", "/", "-", at most 64 characters`,
    )

export const tagsSchema = z
  .record(name('a tag name'), z.string().max(256))
  .refine((tags) => Object.keys(tags).length <= 64, 'at most 64 tags')
  .meta({
    description:
      'Names and values to find a version by; the only metadata, with the description, that may change.',
  })

export const descriptionSchema = z.string().max(10_000)

const shape = z
  .array(z.number().int().min(0))
  .min(1)
  .max(32)
  .meta({ description: 'Tensor dimensions without the batch axis, such as [60, 5].' })

/**
 * What a user says of a version when saving it.
 *
 * `metadataJsonSchema` is the same as JSON Schema (draft 2020-12).
 */
export const metadataSchema = z.strictObject({
  modelId: z
    .string()
    .refine(isModelId, MODEL_ID_RULE)
    .meta({ pattern: '^(?:[A-Za-z0-9][A-Za-z0-9._-]{0,127}/)?[A-Za-z0-9][A-Za-z0-9._-]{0,127}$' }),
  version: z.string().refine(isVersion, VERSION_RULE).meta({ description: 'A version by SemVer 2.0.0.' }),
  modelType: z.enum(modelTypes),
  inputShape: shape,
  outputShape: shape,
  s3Path: z
    .string()
    .meta({
      description:
        'Where the files go: the address of the file, or of the folder when there are several. Derived when absent.',
    })
    .optional(),
  accuracy: z.number().min(0).max(1).optional(),
  metrics: z
    .record(name('a metric name'), z.number())
    .refine((metrics) => Object.keys(metrics).length <= 128, 'at most 128 metrics')
    .optional(),
  description: descriptionSchema.optional(),
  tags: tagsSchema.optional(),
  framework: z.string().min(1).max(128).optional(),
  hyperparameters: jsonObject.optional(),
  trainedAt: z.iso.datetime({ offset: true }).optional(),
  lineage: z
    .strictObject({
      dataset: z.string().min(1).max(1024).optional(),
      parentVersion: z.string().refine(isVersion, VERSION_RULE).optional(),
      run: z.string().min(1).max(1024).optional(),
      gitCommit: z
        .string()
        .regex(/^[0-9a-f]{7,64}$/, '7 to 64 lower-case hexadecimal digits')
        .optional(),
    })
    .optional(),
})

export const metadataJsonSchema = z.toJSONSchema(metadataSchema, { target: 'draft-2020-12' })

/** The parts of the metadata that may change. null removes the description; `tags` replaces all tags. */
export interface MetadataChange {
  readonly description?: string | null | undefined
  readonly tags?: Readonly<Record<string, string>> | undefined
}

/** Everything else is fixed with the version. */
const metadataChangeSchema = z.strictObject({
  description: descriptionSchema.nullable().optional().meta({ description: 'null removes it.' }),
  tags: tagsSchema.optional().meta({ description: 'Replaces all tags.' }),
})

export const metadataChangeJsonSchema = z.toJSONSchema(metadataChangeSchema, { target: 'draft-2020-12' })

/**
 * @param subject - whose metadata, for the error.
 * @throws ModelValidationError with every problem.
 */
export function parseMetadataChange(
  change: unknown,
  subject: { readonly modelId: ModelId; readonly version: Version },
): z.output<typeof metadataChangeSchema> {
  const parsed = metadataChangeSchema.safeParse(change, { reportInput: true })
  const problems = [
    ...(parsed.success ? [] : problemsOf(parsed.error, change, Object.keys(metadataChangeSchema.shape))),
    ...lostNames(change),
    ...brokenTexts(change),
  ]
  if (parsed.success && problems.length === 0) return parsed.data
  throw new ModelValidationError({ operation: 'The change', ...subject, validationErrors: problems })
}

/** What `saveModel` takes: shapes may be constant, and `trainedAt` may also be a `Date`. */
export type ModelMetadata = Omit<
  z.input<typeof metadataSchema>,
  'trainedAt' | 'inputShape' | 'outputShape'
> & {
  inputShape: readonly number[]
  outputShape: readonly number[]
  trainedAt?: string | Date | undefined
}

/** Metadata past the parse. */
export interface ParsedMetadata
  extends Omit<z.output<typeof metadataSchema>, 'modelId' | 'version' | 's3Path'> {
  readonly modelId: ModelId
  readonly version: Version
  readonly s3Path?: S3Address
}

/**
 * Reads metadata that a caller gave, reporting every problem at once.
 *
 * @throws ModelValidationError with all problems in `context.validationErrors`.
 * @throws InvalidS3PathError when the address is the only problem.
 */
export function parseMetadata(input: unknown): ParsedMetadata {
  const value = withIsoDate(input)
  const parsed = metadataSchema.safeParse(value, { reportInput: true })
  const problems = [
    ...(parsed.success ? [] : problemsOf(parsed.error, value, Object.keys(metadataSchema.shape))),
    ...lostNames(value),
    ...brokenTexts(value),
  ]
  const s3Path = textOf(value, 's3Path')
  let address: S3Address | undefined
  try {
    address = s3Path === undefined ? undefined : parseS3Address(s3Path)
  } catch (error) {
    if (!(error instanceof InvalidS3PathError) || problems.length === 0) throw error
    problems.push({
      path: 's3Path',
      found: JSON.stringify(s3Path),
      allowed: 's3://bucket-name/path/to/object',
      message: `${String(error.context.problem)}`,
    })
  }
  const size = sizeOf(value)
  if (size > METADATA_LIMIT_BYTES) {
    const allowed = `at most ${METADATA_LIMIT_BYTES} bytes of JSON in all`
    problems.push({
      path: '',
      found: `${size} bytes`,
      allowed,
      message: `found ${size} bytes, allowed is ${allowed}`,
    })
  }
  if (!parsed.success || problems.length > 0) {
    const modelId = textOf(value, 'modelId')
    const version = textOf(value, 'version')
    throw new ModelValidationError({
      operation: 'The metadata',
      ...(modelId === undefined ? {} : { modelId }),
      ...(version === undefined ? {} : { version }),
      ...withSuggestions(value, problems),
    })
  }
  const { modelId, version, s3Path: _, ...rest } = parsed.data
  // Both passed the same predicates inside the schema, which cannot carry the type out.
  if (!isModelId(modelId) || !isVersion(version)) throw new TypeError('metadataSchema let a bad name through')
  return { ...rest, modelId, version, ...(address === undefined ? {} : { s3Path: address }) }
}

/** The problems with what their values seem to mean, and the whole where nothing of it would be refused then. */
function withSuggestions(
  value: unknown,
  problems: readonly ValidationProblem[],
): Pick<ModelValidationContext, 'validationErrors' | 'suggestedMetadata'> {
  const fields = Object.keys(metadataSchema.shape)
  const repaired =
    // What has more problems than are shown is no misspelt metadata, and each of them would be compared with each field.
    problems.length > 100 || sizeOf(value) > METADATA_LIMIT_BYTES
      ? undefined
      : repairMetadata(value, { fields, modelTypes })
  if (repaired === undefined) return { validationErrors: problems }
  const left = problemsLeft(repaired)
  const validationErrors = problems.map((problem) => {
    const suggested = suggestedFor(problem, value, repaired)
    const isMended = !left.some(({ path }) => path === problem.path || path.startsWith(`${problem.path}.`))
    return isMended && suggested !== undefined && isShown(suggested) ? { ...problem, suggested } : problem
  })
  return {
    validationErrors,
    ...(left.length === 0 && isShown(repaired) ? { suggestedMetadata: repaired } : {}),
  }
}

/** An item of a list that has become shorter has no value of its own. */
function suggestedFor({ path }: ValidationProblem, value: unknown, repaired: unknown): unknown {
  if (path === '') return undefined
  const keys = path.split('.')
  const [before, after] = [value, repaired].map((whole) => at(whole, keys.slice(0, -1)))
  const isShorter = Array.isArray(before) && Array.isArray(after) && before.length !== after.length
  return isShorter ? undefined : at(repaired, keys)
}

/** An error shows no secret, and a value with a part masked is not what was meant. */
function isShown(value: unknown): boolean {
  return JSON.stringify(redactValue(value)) === JSON.stringify(value)
}

function problemsLeft(value: Readonly<Record<string, unknown>>): { readonly path: string }[] {
  const parsed = metadataSchema.safeParse(value)
  const left = [
    ...(parsed.success ? [] : problemsOf(parsed.error, value)),
    ...lostNames(value),
    ...brokenTexts(value),
  ]
  const s3Path = textOf(value, 's3Path')
  if (s3Path !== undefined && !isS3Address(s3Path))
    left.push({ path: 's3Path', found: s3Path, allowed: '', message: '' })
  if (sizeOf(value) > METADATA_LIMIT_BYTES) left.push({ path: '', found: '', allowed: '', message: '' })
  return left
}

/** Names that the schema would drop without a word: a record of zod never takes `__proto__` over. */
function lostNames(value: unknown): ValidationProblem[] {
  return ['tags', 'metrics', 'hyperparameters'].flatMap((field) => {
    const names = at(value, [field])
    if (typeof names !== 'object' || names === null || !Object.hasOwn(names, '__proto__')) return []
    const path = `${field}.__proto__`
    const allowed = 'any other name'
    return [
      {
        path,
        found: 'the name "__proto__"',
        allowed,
        message: `the name "__proto__" cannot be kept; allowed is ${allowed}`,
      },
    ]
  })
}

/**
 * Texts with half of a surrogate pair: UTF-8 has no bytes for it, and a database would keep another character instead.
 * The other fields hold none by their own rules.
 */
function brokenTexts(value: unknown): ValidationProblem[] {
  const seen = new Set<object>()
  const broken: (() => ValidationProblem)[] = []
  const look = (item: unknown, path: readonly string[]) => {
    if (typeof item === 'string' && !item.isWellFormed())
      broken.push(() => problemOf(path.join('.'), item, 'text that is whole: a surrogate stands alone in it'))
    if (typeof item !== 'object' || item === null || seen.has(item)) return
    if (path.length > 40 || ArrayBuffer.isView(item)) return
    seen.add(item)
    for (const [name, inner] of Object.entries(item)) {
      if (!name.isWellFormed()) look(name, path)
      look(inner, [...path, name])
    }
  }
  for (const field of ['description', 'tags', 'framework', 'hyperparameters', 'lineage'])
    look(at(value, [field]), [field])
  return atMost(broken)
}

function withIsoDate(input: unknown): unknown {
  if (typeof input !== 'object' || input === null || !('trainedAt' in input)) return input
  const { trainedAt } = input
  if (!(trainedAt instanceof Date)) return input
  return { ...input, trainedAt: Number.isNaN(trainedAt.getTime()) ? 'Invalid Date' : trainedAt.toISOString() }
}

function textOf(value: unknown, key: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const field = Object.getOwnPropertyDescriptor(value, key)?.value
  return typeof field === 'string' ? field : undefined
}

function sizeOf(value: unknown): number {
  try {
    return new TextEncoder().encode(JSON.stringify(value) ?? '').length
  } catch {
    // Cycles and BigInts are reported by the schema as problems of their own.
    return 0
  }
}
