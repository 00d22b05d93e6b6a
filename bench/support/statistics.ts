export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const [low = Number.NaN, high = Number.NaN] = [
    sorted[sorted.length % 2 === 0 ? middle - 1 : middle],
    sorted[middle],
  ]
  return (low + high) / 2
}

/** The median of what each round gives: both were measured in it, one right after the other. */
export function medianRatio(above: readonly number[], below: readonly number[]): number {
  return median(above.map((value, round) => value / (below[round] ?? Number.NaN)))
}

/**
 * Measures each subject once a round, in turns, so that whatever else the machine does meets all of them alike.
 * The order turns around from round to round. The first round warms up and is not kept.
 */
export async function inTurns<K extends string>(
  subjects: Readonly<Record<K, () => Promise<number>>>,
  rounds: number,
): Promise<Record<K, number[]>> {
  const names = Object.keys(subjects) as K[]
  const results = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<K, number[]>
  for (let round = 0; round <= rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const value = await subjects[name]()
      if (round > 0) results[name].push(value)
    }
  }
  return results
}
