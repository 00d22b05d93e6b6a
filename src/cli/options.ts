import { InvalidArgumentError } from 'commander'
import { UsageError } from './usage-error.js'

/** The options of one command, by their long name in camelCase. */
export class Options {
  readonly #values: Readonly<Record<string, unknown>>

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values
  }

  text(name: string): string | undefined {
    const value = this.#values[name]
    return typeof value === 'string' ? value : undefined
  }

  /** The value of an option that was declared as required. */
  required(name: string): string {
    const value = this.text(name)
    if (value === undefined) throw new TypeError(`The option ${name} is not declared as required`)
    return value
  }

  number(name: string): number | undefined {
    const value = this.#values[name]
    return typeof value === 'number' ? value : undefined
  }

  is(name: string): boolean {
    return this.#values[name] === true
  }

  /** The texts of an option that may be given several times, or that takes several. */
  list(name: string): readonly string[] {
    const value = this.#values[name]
    return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
  }

  /** The `name=value` texts of an option that may be given several times; the last of one name counts. */
  pairs(name: string): Record<string, string> {
    return Object.fromEntries(
      this.list(name).map((text) => {
        const equals = text.indexOf('=')
        return [text.slice(0, equals), text.slice(equals + 1)]
      }),
    )
  }
}

/** Collects an option that may be given several times. */
export function each(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value]
}

/** The same for `name=value`. */
export function eachPair(value: string, before: readonly string[] | undefined): readonly string[] {
  if (value.indexOf('=') < 1) throw new InvalidArgumentError('It has the form name=value.')
  return each(value, before)
}

/** A whole number. */
export function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It is a whole number.')
  return Number(text)
}

const unitsInMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** `500ms`, `10s`, `2m`, `1h`, `1d`, in milliseconds. */
export function duration(text: string): number {
  const [, number, unit = ''] = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)$/.exec(text) ?? []
  if (number === undefined)
    throw new InvalidArgumentError('It is a number with ms, s, m, h or d behind it, such as 10s.')
  return Math.round(Number(number) * (unitsInMs[unit] ?? 1))
}

/** Splits `<id>@<version>` at the last `@`. */
export function splitRef(text: string): { readonly id: string; readonly version: string | undefined } {
  const at = text.lastIndexOf('@')
  return at < 0 ? { id: text, version: undefined } : { id: text.slice(0, at), version: text.slice(at + 1) }
}

/** For commands that read: no version means the latest one. */
export function readRef(text: string): { readonly id: string; readonly version: string } {
  const { id, version } = splitRef(text)
  return { id, version: version ?? 'latest' }
}

/** For commands that change something: the version must be named. @throws UsageError */
export function exactRef(text: string, command: string): { readonly id: string; readonly version: string } {
  const { id, version } = splitRef(text)
  if (version === undefined || version === '')
    throw new UsageError(
      `Name the version that is meant: modelry ${command} ${id}@<version>. modelry versions ${id} lists them.`,
    )
  return { id, version }
}
