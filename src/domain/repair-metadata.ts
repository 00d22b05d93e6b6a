import { isModelId } from './model-id.js'
import { nearest } from './nearest.js'
import { suggestS3Address } from './s3-address.js'
import { isVersion, suggestVersion } from './version.js'

/** What a value seems to mean; the value itself where it is right, or nothing can be told. */
type Reading = (value: unknown) => unknown

export interface KnownMetadata {
  readonly fields: readonly string[]
  readonly modelTypes: readonly string[]
}

/**
 * Metadata as it was given, with each value that can be read read as it seems to be meant: `v1.2` as `1.2.0`, `"60,5"`
 * as `[60, 5]`, 93 as 0.93, `model_id` as `modelId`. Values that are right stay as they are. The result may still break
 * the schema: whoever offers it parses it first.
 */
export function repairMetadata(input: unknown, known: KnownMetadata): Record<string, unknown> | undefined {
  if (!isRecord(input)) return undefined
  const named = withKnownNames(input, known.fields)
  const readings = new Map(Object.entries(readingsFor(known)))
  return Object.fromEntries(
    Object.entries(named)
      // What other languages write for nothing.
      .filter(([, value]) => value !== null && value !== undefined)
      .map(([name, value]) => [name, readings.get(name)?.(value) ?? value]),
  )
}

function readingsFor({ modelTypes }: KnownMetadata): Readonly<Record<string, Reading | undefined>> {
  return {
    modelId: meantModelId,
    version,
    modelType: (value) => meantChoice(value, modelTypes),
    inputShape: meantShape,
    outputShape: meantShape,
    s3Path: (value) => (typeof value === 'string' ? suggestS3Address(value) : undefined),
    accuracy: meantFraction,
    metrics: (value) => mapped(value, meantNumber),
    tags: (value) => mapped(value, (tag) => (typeof tag === 'string' ? tag : textOf(tag))),
    trainedAt: meantTime,
    lineage: (value) =>
      isRecord(value)
        ? {
            ...value,
            ...('parentVersion' in value ? { parentVersion: version(value.parentVersion) } : {}),
            ...(typeof value.gitCommit === 'string'
              ? { gitCommit: value.gitCommit.trim().toLowerCase() }
              : {}),
          }
        : undefined,
  }
}

/** Keys in another spelling become those that are meant, where those are not taken. */
function withKnownNames(
  input: Readonly<Record<string, unknown>>,
  fields: readonly string[],
): Record<string, unknown> {
  const free = new Set(fields.filter((field) => !Object.hasOwn(input, field)))
  return Object.fromEntries(
    Object.entries(input).map(([name, value]) => {
      if (fields.includes(name)) return [name, value]
      const spelt = [...free].find((field) => folded(field) === folded(name)) ?? nearest(name, free)[0]
      if (spelt === undefined) return [name, value]
      free.delete(spelt)
      return [spelt, value]
    }),
  )
}

const folded = (name: string) => name.toLowerCase().replaceAll(/[_\s-]/g, '')

const version: Reading = (value) =>
  typeof value === 'string' && isVersion(value) ? value : (suggestVersion(value) ?? value)

const meantModelId: Reading = (value) => {
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text !== 'string' || text.length > 512 || isModelId(text)) return text
  const [first = '', ...rest] = text
    .trim()
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll('\\', '/')
    .split('/')
    .map((part) =>
      part
        .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
        .replaceAll(/\.{2,}/g, '.')
        .replaceAll(/^[._-]+|[._-]+$/g, ''),
    )
    .filter((part) => part !== '')
  const name = rest.length === 0 ? first : `${first}/${rest.join('-')}`
  return isModelId(name) ? name : value
}

function meantChoice(value: unknown, choices: readonly string[]): unknown {
  if (typeof value !== 'string') return value
  const word = value.trim().toLowerCase()
  return choices.find((choice) => word.startsWith(choice)) ?? nearest(word, choices)[0] ?? value
}

/** `"60,5"`, `"(None, 60, 5)"`, `"60x5"`, 60, `["60", "5"]`. The batch axis in front is left out. */
const meantShape: Reading = (value) => {
  const parts = Array.isArray(value)
    ? value.length === 1 && Array.isArray(value[0])
      ? value[0]
      : value
    : typeof value === 'string' && value.length <= 1024
      ? value
          .replaceAll(/[[\](){}]/g, ' ')
          .split(/[\s,;x×*]+/i)
          .filter((part) => part !== '')
      : [value]
  const [batch, ...others] = parts
  const sizes = (isBatchAxis(batch) ? others : parts).map(meantSize)
  return sizes.length > 0 && sizes.every((size) => size !== undefined) ? sizes : value
}

const isBatchAxis = (part: unknown) =>
  part === null || part === -1 || (typeof part === 'string' && /^(?:none|null|\?|-1)$/i.test(part.trim()))

function meantSize(part: unknown): number | undefined {
  const size = typeof part === 'string' && /^\s*\d{1,15}(?:\.0*)?\s*$/.test(part) ? Number(part) : part
  return typeof size === 'number' && Number.isInteger(size) && size >= 0 ? size : undefined
}

/** A share of one: 93 %, and 93 alone. From 1 to 2 nobody can say which is meant. */
const meantFraction: Reading = (value) => {
  const number = meantNumber(value)
  return typeof number === 'number' && number >= 2 && number <= 100 ? hundredth(number) : number
}

/** `"0,93"`, `"0.93"`, `"93 %"`. */
const meantNumber: Reading = (value) => {
  if (typeof value !== 'string') return value
  const [, digits, percent] =
    /^\s*([+-]?\d{1,15}(?:[.,]\d{1,15})?(?:e[+-]?\d{1,3})?)\s*(%?)\s*$/i.exec(value) ?? []
  if (digits === undefined) return value
  const number = Number(digits.replace(',', '.'))
  return percent === '%' ? hundredth(number) : number
}

/** 93.4 / 100 is 0.9340000000000001 in binary. */
const hundredth = (number: number) => Number((number / 100).toPrecision(12))

/** A day, a time with a space for its T or no colon in its zone, and seconds or milliseconds since 1970. */
const meantTime: Reading = (value) => {
  if (typeof value === 'number' && value >= 1e9 && value < 1e13)
    return new Date(value < 1e11 ? value * 1000 : value).toISOString()
  if (typeof value !== 'string') return value
  const text = value.trim()
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return `${text}T00:00:00Z`
  return text
    .replace(/^(\d{4}-\d{2}-\d{2})[ t]+(?=\d)/, '$1T')
    .replace(/\s*(?:utc|gmt|z)$/i, 'Z')
    .replace(/\s*([+-]\d{2})(\d{2})$/, '$1:$2')
}

function textOf(value: unknown): unknown {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value
}

function mapped(value: unknown, reading: Reading): unknown {
  if (!isRecord(value)) return undefined
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, reading(item)]))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
