import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { SqlEngine } from '../../src/adapters/metadata/engine.js'
import { listFilters } from '../../src/adapters/metadata/list-filters.js'
import { listOrders } from '../../src/adapters/metadata/list-orders.js'
import { ListQueries } from '../../src/adapters/metadata/list-queries.js'
import { openPostgresMetadataStore } from '../../src/adapters/metadata/postgres.js'
import { postgresQueries } from '../../src/adapters/metadata/postgres-dialect.js'
import { sqlMetadataStore } from '../../src/adapters/metadata/sql-metadata-store.js'
import type { VersionFilter } from '../../src/ports/metadata-store.js'
import { connect } from '../support/postgres/connect.js'
import { freshDatabase } from '../support/postgres/fresh-database.js'

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

describe('every query of Postgres can go by an index', () => {
  let scansOf: (query: { readonly sql: string }) => Promise<string[]>

  beforeEach(async () => {
    const url = await freshDatabase()
    await (await openPostgresMetadataStore({ url })).close()
    const client = await connect(url)
    onTestFinished(() => client.end())
    // A table that is read whole in spite of this has no index to be read by.
    await client.query('set enable_seqscan = off')
    scansOf = async ({ sql }) => {
      // https://www.postgresql.org/docs/current/sql-explain.html
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain (generic_plan) ${sql}`)
      return rows.map((row) => row['QUERY PLAN'].trim()).filter((line) => line.includes('Seq Scan'))
    }
  })

  it('in the store', async () => {
    const queries = postgresQueries('database')
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
    for (const query of queries.made) expect(await scansOf(query), query.sql).toEqual([])
  })

  it('in a listing, with every filter in every order', async () => {
    const queries = postgresQueries('database')
    const list = new ListQueries(queries)
    const filters = FILTERS.flatMap((filter) =>
      listFilters({ limit: 1, orderBy: 'newest', ...filter }, queries.dialect),
    )
    for (const order of Object.values(listOrders))
      for (const filter of [undefined, ...filters]) {
        for (let range = 0; range < order.rangeCount; range++) {
          const query = list.inOrder(order, filter === undefined ? [] : [filter], range)
          expect(await scansOf(query), query.sql).toEqual([])
        }
        if (filter?.rows === undefined) continue
        const indexed = { ...filter, rows: filter.rows }
        for (const query of [list.sorted(indexed, order, []), list.count(indexed, 2001)])
          expect(await scansOf(query), query.sql).toEqual([])
      }
  })
})
