/** One line of a bench; scripts/bench.mjs shows it and fails the run where `ok` is false. */
export interface Row {
  readonly case: string
  readonly unit: string
  readonly value: number
  /** The same of whatever it is compared with. */
  readonly peer?: number
  readonly ratio?: number
  /** What the ratio, or the value where there is none, is to come to. */
  readonly target?: number
  readonly ok?: boolean
}

export function report(name: string, rows: readonly Row[]): void {
  const rounded = (value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(4)) : value)
  process.stdout.write(`${JSON.stringify({ name, rows }, (_key, value) => rounded(value), 2)}\n`)
}
