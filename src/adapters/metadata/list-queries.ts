import { type RawBuilder, sql } from 'kysely'
import type { Queries } from './engine.js'
import type { FilterRows, ListFilter } from './list-filter.js'
import type { ListOrder, OrderColumns } from './list-orders.js'
import { type Prepared, placeholder, type SqlValues } from './prepared.js'
import { type RecordRow, recordColumns } from './record.js'

type PageQuery = Prepared<SqlValues, RecordRow>
type CountQuery = Prepared<SqlValues, { count: number }>

/** A filter whose rows can be started from. */
export type IndexedFilter = ListFilter & { readonly rows: FilterRows }

const LIMIT = placeholder<number>('limit')
const COLUMNS: OrderColumns = {
  id: sql`v.id`,
  accuracy: sql`v.accuracy`,
  modelId: sql`v.model_id`,
  number: sql`v.number`,
}

/** The queries that a listing is made of, each built when it is first needed. */
export class ListQueries {
  readonly #queries: Queries
  readonly #pages = new Map<string, PageQuery>()
  readonly #counts = new Map<string, CountQuery>()

  constructor(queries: Queries) {
    this.#queries = queries
  }

  /** How many versions the filter alone lets through, counted up to `most`. */
  count({ name, rows }: IndexedFilter, most: number): CountQuery {
    return remembered(this.#counts, `${name} ${most}`, () =>
      this.#queries.prepare(
        () => sql<{ count: number }>`select count(*) as count from
          (select 1 from ${rows.from} where ${rows.where} limit ${sql.lit(most)}) as "some"`,
      ),
    )
  }

  /** Reads the versions in the order of the page and tests each. @param range - one of the order's. */
  inOrder(order: ListOrder, filters: readonly ListFilter[], range: number): PageQuery {
    return this.#page(['in order', order.name, range, ...names(filters)], () => {
      const after = order.ranges(COLUMNS).slice(range, range + 1)
      const tests = [sql`v.state = 'ready'`, ...after, ...filters.map(testOf)]
      return sql`select ${recordColumns} from trained_models v
        where ${all(tests)} order by ${order.orderBy(COLUMNS)} limit ${LIMIT}`
    })
  }

  /** Reads the rows of one filter, which are in the order of the page, and tests their versions by the others. */
  following(
    { name, rows, test, ...filter }: IndexedFilter,
    order: ListOrder,
    others: readonly ListFilter[],
  ): PageQuery {
    return this.#page(['following', name, order.name, ...names(others)], () => {
      const own = filter.rowsAreCandidates ? [test] : []
      const following = (part: FilterRows) => {
        const after = order.ranges({ ...COLUMNS, id: part.id })
        const tests = [...joined(part), ...after, sql`v.state = 'ready'`, ...own, ...others.map(testOf)]
        return sql`select ${part.id} as id, v.record from ${withVersion(part)} where ${all(tests)}`
      }
      const { parts } = rows
      if (parts === undefined)
        return sql`${following(rows)} order by ${order.orderBy({ ...COLUMNS, id: rows.id })} limit ${LIMIT}`
      const each = parts.map((part) => following({ ...rows, ...part }))
      return sql`${sql.join(each, sql` union all `)} order by ${order.orderBy({ ...COLUMNS, id: sql`id` })} limit ${LIMIT}`
    })
  }

  /** Reads all rows of one filter, which must be few, and sorts what the others let through. */
  sorted(
    { name, rows, test, ...filter }: IndexedFilter,
    order: ListOrder,
    others: readonly ListFilter[],
  ): PageQuery {
    return this.#page(['sorted', name, order.name, ...names(others)], () => {
      const columns = this.#unindexed()
      const own = filter.rowsAreCandidates ? [test] : []
      const after = sql`(${sql.join(
        order.ranges(columns).map((range) => sql`(${range})`),
        sql` or `,
      )})`
      const tests = [...joined(rows), after, sql`v.state = 'ready'`, ...own, ...others.map(testOf)]
      // Records are put together after the sort, for the page alone.
      return sql`select ${recordColumns} from
        (select v.id from ${withVersion(rows)} where ${all(tests)} order by ${order.orderBy(columns)} limit ${LIMIT})
        as page cross join trained_models v where v.id = page.id order by ${order.orderBy(COLUMNS)}`
    })
  }

  #unindexed(): OrderColumns {
    const { withoutIndex } = this.#queries.dialect
    return {
      id: withoutIndex(COLUMNS.id),
      accuracy: withoutIndex(COLUMNS.accuracy),
      modelId: withoutIndex(COLUMNS.modelId),
      number: withoutIndex(COLUMNS.number),
    }
  }

  #page(key: readonly (string | number)[], query: () => RawBuilder<unknown>): PageQuery {
    return remembered(this.#pages, key.join(), () =>
      this.#queries.prepare(() => query() as RawBuilder<RecordRow>),
    )
  }
}

/** Written as a cross join, since SQLite then starts with the table on the left: https://www.sqlite.org/optoverview.html */
function withVersion({ from, hasVersion }: FilterRows): RawBuilder<unknown> {
  return hasVersion ? from : sql`${from} cross join trained_models v`
}

function joined({ id, where, hasVersion }: FilterRows): RawBuilder<unknown>[] {
  return hasVersion ? [where] : [where, sql`v.id = ${id}`]
}

function testOf({ test }: ListFilter): RawBuilder<unknown> {
  return test
}

function all(conditions: readonly RawBuilder<unknown>[]): RawBuilder<unknown> {
  return sql.join(conditions, sql` and `)
}

function names(filters: readonly ListFilter[]): string[] {
  return filters.map(({ name }) => name)
}

function remembered<T>(map: Map<string, T>, key: string, make: () => T): T {
  const found = map.get(key)
  if (found !== undefined) return found
  const made = make()
  map.set(key, made)
  return made
}
