import { randomInt } from 'node:crypto'

/**
 * Numbers that repeat for the same seed, which is printed so that a failing run can be done again:
 * `MODELRY_SEED=… npm test`. Mulberry32, by Tommy Ettinger, in the public domain.
 */
export function seededRandom(purpose: string): { next(): number; below(limit: number): number } {
  const seed = Number(process.env.MODELRY_SEED ?? randomInt(2 ** 31))
  console.info(`${purpose}: MODELRY_SEED=${seed}`)
  let state = seed
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  return { next, below: (limit) => Math.floor(next() * limit) }
}
