import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { postgresQueries } from './postgres-dialect.js'
import type { Parameters } from './prepared.js'
import type { Answer } from './supabase-calls.js'
import { Diverged, type Guesses, Script, type Step, takeAnswers } from './supabase-script.js'

const queries = postgresQueries('database')
const find = queries.prepare(
  (_, p: Parameters<{ id: number }>) => sql<{ size: number }>`select size from f where id = ${p.id}`,
)
const change = queries.prepare(
  (_, p: Parameters<{ id: number }>) => sql`update f set size = 1 where id = ${p.id}`,
)

const rows = (size: number): Answer => ({ hash: `rows ${size}`, rows: [{ size }] })
const count = (n: number): Answer => ({ hash: String(n), count: n })

/** A database that answers by what `answers` says, and remembers what it was asked. */
function database(answers: (step: Step, i: number) => Answer) {
  const asked: number[] = []
  const guesses: Guesses = new Map()
  const ask = async (steps: readonly Step[]) => {
    asked.push(steps.length)
    const found: (Answer | null)[] = []
    for (const [i, step] of steps.entries()) {
      const answer = answers(step, i)
      const same = step.answer?.hash === answer.hash
      found.push(same ? null : answer)
      if (!same && step.answer !== undefined) break
    }
    takeAnswers(steps, found, guesses)
  }
  return { asked, guesses, script: (known: readonly Step[] = []) => new Script(known, ask, guesses) }
}

describe('the script of a unit of work', () => {
  it('asks once for all that is read in one turn', async () => {
    const { script, asked } = database((_, i) => rows(i))
    const run = script()
    const found = await Promise.all([1, 2, 3].map((id) => run.first(find, { id })))
    expect(found).toEqual([{ size: 0 }, { size: 1 }, { size: 2 }])
    expect(asked).toEqual([3])
  })

  it('guesses how many rows a change has, and asks for nothing', async () => {
    const { script, asked, guesses } = database(() => count(1))
    expect(await script().run(change, { id: 1 })).toBe(1)
    guesses.set(change.sql, 7)
    expect(await script().run(change, { id: 1 })).toBe(7)
    expect(asked).toEqual([])
  })

  it('finds a wrong guess with the next question, and knows better the next time', async () => {
    const { script, asked } = database(({ wants }) => (wants === 'count' ? count(0) : rows(5)))
    const first = script()
    expect(await first.run(change, { id: 1 })).toBe(1)
    await expect(first.first(find, { id: 1 })).rejects.toMatchObject({ wrong: 'guess' })
    const second = script(first.steps)
    expect(await second.run(change, { id: 1 })).toBe(0)
    expect(await second.first(find, { id: 1 })).toEqual({ size: 5 })
    expect(asked).toEqual([2, 2])
  })

  it('tells when what was seen before is no more', async () => {
    let size = 1
    const { script } = database(() => rows(size))
    const run = script()
    await run.first(find, { id: 1 })
    size = 2
    const failure = await run.first(find, { id: 2 }).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(Diverged)
    expect(failure).toMatchObject({ wrong: 'seen' })
    await expect(run.run(change, { id: 1 })).rejects.toBe(failure)
  })

  it('forgets what was found behind a statement that is another one this time', async () => {
    const { script, asked } = database((_, i) => rows(i))
    const first = script()
    for (const id of [1, 2, 3]) await first.first(find, { id })
    const second = script(first.steps)
    for (const id of [1, 9, 3]) await second.first(find, { id })
    expect(asked).toEqual([1, 2, 3, 2, 3])
  })

  it('changes nothing where it only reads', async () => {
    const reading = new Script([], async () => {})
    await expect(reading.run(change, { id: 1 })).rejects.toBeInstanceOf(TypeError)
  })
})
