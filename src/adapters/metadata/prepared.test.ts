import { DatabaseSync } from 'node:sqlite'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import type { Parameters } from './prepared.js'
import { SqliteConnection } from './sqlite-connection.js'
import { sqliteQueries } from './sqlite-dialect.js'

const queries = sqliteQueries()
const opened = () => new SqliteConnection(new DatabaseSync(':memory:'), () => 1234)

it('gives a query new values each time, in any order and more than once', () => {
  const connection = opened()
  const query = queries.prepare(
    (_, p: Parameters<{ a: string; b: string }>) =>
      sql<{ text: string }>`select ${p.b} || ${p.a} || ${p.b} || ${'constant'} as text`,
  )
  expect(connection.first(query, { a: '1', b: 'x' })).toEqual({ text: 'x1xconstant' })
  expect(connection.first(query, { b: 'y', a: '2' })).toEqual({ text: 'y2yconstant' })
})

it('builds a query once, and not before it runs', () => {
  const connection = opened()
  let built = 0
  const query = queries.prepare(() => {
    built += 1
    return sql<{ one: number }>`select 1 as one`
  })
  expect(built).toBe(0)
  for (let i = 0; i < 3; i++) connection.all(query, {})
  expect(built).toBe(1)
})

it('gives the time by the store’s clock, the same until it ticks', () => {
  const times = [1, 2, 3]
  const connection = new SqliteConnection(new DatabaseSync(':memory:'), () => times.shift() ?? 0)
  const query = queries.prepare(() => sql<{ now: number }>`select ${queries.dialect.now} as now`)
  expect(connection.first(query, {})).toEqual({ now: 1 })
  expect(connection.first(query, {})).toEqual({ now: 1 })
  connection.tick()
  expect(connection.first(query, {})).toEqual({ now: 2 })
})

it('refuses to run without a value that the query needs', () => {
  const query = queries.prepare((_, p: Parameters<{ a: number }>) => sql`select ${p.a}`)
  const values: { a: number } = JSON.parse('{}')
  expect(() => opened().all(query, values)).toThrow(/no value for a/)
})

it('counts the rows that a statement changed', () => {
  const connection = opened()
  connection.execute('create table t (a)')
  const insert = queries.prepare(() => sql`insert into t values (1), (2)`)
  const change = queries.prepare(() => sql`update t set a = 3 where a = 2`)
  expect(connection.run(insert, {})).toBe(2)
  expect(connection.run(change, {})).toBe(1)
  expect(connection.run(change, {})).toBe(0)
})
