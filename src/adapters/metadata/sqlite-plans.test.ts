import { DatabaseSync } from 'node:sqlite'
import { afterAll, describe, expect, it } from 'vitest'
import type { VersionFilter } from '../../ports/metadata-store.js'
import type { SqlEngine } from './engine.js'
import type { ListFilter } from './list-filter.js'
import { listFilters } from './list-filters.js'
import { listOrders } from './list-orders.js'
import { type IndexedFilter, ListQueries } from './list-queries.js'
import { applyMigration, sqliteMigrations } from './migrations/sqlite.js'
import { sqlMetadataStore } from './sql-metadata-store.js'
import { sqliteQueries } from './sqlite-dialect.js'

const queries = sqliteQueries()
const database = new DatabaseSync(':memory:')
for (const migration of sqliteMigrations()) applyMigration(database, migration, 0)
afterAll(() => database.close())

/** https://www.sqlite.org/eqp.html */
function planOf({ sql }: { readonly sql: string }): string[] {
  return database
    .prepare(`explain query plan ${sql}`)
    .all()
    .map(({ detail }) => String(detail))
}

/** Reading all of these is reading little, whatever the number of versions. */
const BOUNDED = [
  // A subquery, whose own steps are told, a value or a page that has its rows already.
  /^SCAN (\(subquery-\d+\)|page|some|found|CONSTANT ROW)$/,
  // The tags of one version.
  /^SCAN json_each\b/,
  // What is unfinished at the moment.
  /^SCAN v USING INDEX versions_unfinished$/,
  // Those whose text is not in the index yet, of which the next few are put there.
  /^SCAN (unsearched_versions|u)$/,
  // The tokens that somebody made by hand.
  /^SCAN access_tokens$/,
]

/** Full-text search is a virtual table: the plan calls it a scan, and the index in it is asked all the same. */
const BY_TEXT = /^SCAN (s|version_search) VIRTUAL TABLE INDEX \d+:M1/

function scansOf(plan: readonly string[]): string[] {
  return plan.filter(
    (step) => step.startsWith('SCAN') && ![...BOUNDED, BY_TEXT].some((known) => known.test(step)),
  )
}

const sortsOf = (plan: readonly string[]) => plan.filter((step) => step.startsWith('USE TEMP B-TREE'))

const FILTERS: readonly Partial<VersionFilter>[] = [
  { environment: 'production' },
  { tag: 'stage' },
  { tag: 'stage=prod' },
  { query: 'price' },
  { query: 'p' },
  { deploymentStatus: 'active' },
  { deploymentStatus: 'inactive' },
  { deploymentStatus: 'archived' },
  { modelType: 'lstm' },
]

function filterOf(filter: Partial<VersionFilter>): ListFilter {
  const [only] = listFilters({ limit: 1, orderBy: 'newest', ...filter }, queries.dialect)
  if (only === undefined) throw new Error('no filter')
  return only
}

const filters = FILTERS.map(filterOf)
const indexed = filters.filter((filter): filter is IndexedFilter => filter.rows !== undefined)
const orders = Object.values(listOrders)
const list = new ListQueries(queries)

describe('every query goes by an index', () => {
  it('in the store', () => {
    const refuse = () => Promise.reject(new Error('nothing runs here'))
    const engine: SqlEngine = {
      queries,
      read: refuse,
      snapshot: refuse,
      write: refuse,
      writeForNow: refuse,
      checkStorage: () => {},
      reclaimSpace: refuse,
      close: refuse,
    }
    sqlMetadataStore(engine)
    expect(queries.made.length).toBeGreaterThan(50)
    for (const query of queries.made) {
      const plan = planOf(query)
      // The check asks for any one row.
      const scans = scansOf(plan).filter(
        (step) => step !== 'SCAN trained_models' || !/limit 1$/.test(query.sql),
      )
      expect(scans, query.sql).toEqual([])
      expect(sortsOf(plan), query.sql).toEqual([])
    }
  })

  it('in a listing that is read in the order of its page, with every filter and every two', () => {
    for (const order of orders)
      for (const one of [undefined, ...filters])
        for (const other of [undefined, ...filters]) {
          const tests = [one, other].filter((filter) => filter !== undefined)
          for (let range = 0; range < order.rangeCount; range++) {
            const query = list.inOrder(order, tests, range)
            const plan = planOf(query)
            expect(scansOf(plan), query.sql).toEqual([])
            expect(sortsOf(plan), query.sql).toEqual([])
            expect(plan[0], query.sql).toMatch(
              /^SEARCH v USING (INTEGER PRIMARY KEY|INDEX versions_by_(accuracy|number)) /,
            )
          }
        }
  })

  it('in a listing that follows a filter', () => {
    for (const order of orders.filter(({ byId }) => byId))
      for (const start of indexed.filter(({ rows }) => rows.inIdOrder))
        for (const other of [undefined, ...filters]) {
          const others = other === undefined || other === start ? [] : [other]
          const plan = planOf(list.following(start, order, others))
          expect(scansOf(plan), start.name).toEqual([])
          expect(sortsOf(plan), start.name).toEqual([])
        }
  })

  it('in a listing that sorts the few rows of a filter, which it finds by the filter’s own index', () => {
    for (const order of orders)
      for (const start of indexed)
        for (const other of [undefined, ...filters]) {
          const others = other === undefined || other === start ? [] : [other]
          const plan = planOf(list.sorted(start, order, others))
          // All of what is active, or archived, is what was counted before.
          const own = /^SCAN (d USING COVERING INDEX active_by_\w+|v USING INDEX versions_archived)$/
          expect(
            scansOf(plan).filter((step) => !own.test(step)),
            start.name,
          ).toEqual([])
          expect(
            plan.some((step) => /versions_by_accuracy|versions_by_number (?!\(model_id=\?\))/.test(step)),
            start.name,
          ).toBe(false)
        }
  })

  it('in a count, which ends at its limit', () => {
    for (const filter of indexed) {
      const query = list.count(filter, 2001)
      expect(query.sql).toContain('limit 2001')
      const own = /^SCAN (d USING COVERING INDEX active_by_\w+|v USING INDEX versions_archived)$/
      expect(
        scansOf(planOf(query)).filter((step) => !own.test(step)),
        query.sql,
      ).toEqual([])
    }
  })
})
