import { readFile } from 'node:fs/promises'

/** Months that a forecast looks back. */
export const WINDOW = 12
/** The last ten years are kept out of the training, to measure with. */
const HELD_OUT = 120

/** A series cut into windows and the month that follows each, in units of its standard deviation. */
export interface Series {
  readonly months: number
  readonly training: Examples
  readonly heldOut: Examples
  /** The last window: what a forecast of the month after the series starts from. */
  readonly latest: readonly number[]
  /** Back to degrees Celsius. */
  readonly celsius: (scaled: number) => number
}

interface Examples {
  readonly windows: readonly (readonly number[])[]
  readonly next: readonly number[]
}

/** How good a forecast is, on the months that the training did not see. */
export interface Score {
  /** Mean absolute error, in degrees Celsius. */
  readonly mae: number
  /** The share of months that the forecast misses by at most half a degree. */
  readonly accuracy: number
}

/** Sea surface temperatures of the eastern Pacific; the file itself names their source. */
export async function readSeries(): Promise<Series> {
  const text = await readFile(new URL('elnino.csv', import.meta.url), 'utf8')
  const values = text
    .split('\n')
    .filter((line) => /^\d{4},/.test(line))
    .flatMap((line) => line.split(',').slice(1).map(Number))
  const seen = values.slice(0, values.length - HELD_OUT)
  const mean = seen.reduce((sum, value) => sum + value, 0) / seen.length
  const deviation = Math.sqrt(seen.reduce((sum, value) => sum + (value - mean) ** 2, 0) / seen.length)
  const scaled = values.map((value) => (value - mean) / deviation)
  const windows = scaled.slice(WINDOW).map((_, index) => scaled.slice(index, index + WINDOW))
  const next = scaled.slice(WINDOW)
  const cut = next.length - HELD_OUT
  return {
    months: values.length,
    training: { windows: windows.slice(0, cut), next: next.slice(0, cut) },
    heldOut: { windows: windows.slice(cut), next: next.slice(cut) },
    latest: scaled.slice(-WINDOW),
    celsius: (value) => mean + value * deviation,
  }
}

export function scoreOf(forecast: readonly number[], { heldOut, celsius }: Series): Score {
  const errors = heldOut.next.map((actual, index) =>
    Math.abs(celsius(forecast[index] ?? Number.NaN) - celsius(actual)),
  )
  return {
    mae: rounded(errors.reduce((sum, error) => sum + error, 0) / errors.length),
    accuracy: rounded(errors.filter((error) => error <= 0.5).length / errors.length),
  }
}

function rounded(value: number): number {
  return Number(value.toFixed(3))
}
