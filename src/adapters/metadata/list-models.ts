import type { Page } from '../../domain/page.js'
import type { VersionFilter } from '../../ports/metadata-store.js'
import { pageOf, readCursor } from './cursor.js'
import type { Session, SqlEngine } from './engine.js'
import type { ListFilter } from './list-filter.js'
import { listFilters } from './list-filters.js'
import { type ListOrder, listOrders } from './list-orders.js'
import { type IndexedFilter, ListQueries } from './list-queries.js'
import type { SqlValues } from './prepared.js'
import type { RecordRow } from './record.js'

/**
 * A set of this many versions, or fewer, is sorted when it is asked for; a larger one is read in the order of the page
 * until the page is full. Either way a page costs about the same however many versions there are.
 */
const SMALL_SET = 2000

/** Versions of all models, a page at a time. */
export function listing(
  engine: SqlEngine,
): <T>(filter: VersionFilter, toItem: (row: RecordRow) => T) => Promise<Page<T>> {
  const { dialect } = engine.queries
  const queries = new ListQueries(engine.queries)

  async function rowsOf(
    session: Session,
    order: ListOrder,
    filters: readonly ListFilter[],
    values: SqlValues & { limit: number },
  ): Promise<RecordRow[]> {
    const start = await startingFilter(session, order, filters, values)
    if (start === 'nothing') return []
    if (start === undefined) return inOrder(session, order, filters, values)
    const others = filters.filter((filter) => filter !== start)
    const query = givesPageOrder(start, order)
      ? queries.following(start, order, others)
      : queries.sorted(start, order, others)
    return session.all(query, values)
  }

  /**
   * The filter whose rows to start from; undefined when reading in the order of the page is as good; `nothing` when one
   * of them lets nothing through.
   */
  async function startingFilter(
    session: Session,
    order: ListOrder,
    filters: readonly ListFilter[],
    values: SqlValues,
  ): Promise<IndexedFilter | 'nothing' | undefined> {
    const indexed = filters.filter(isIndexed)
    const inPageOrder = indexed.find((filter) => givesPageOrder(filter, order))
    if (filters.length === 1 && inPageOrder !== undefined) return inPageOrder
    let smallest: IndexedFilter | undefined
    let least = SMALL_SET + 1
    for (const filter of indexed) {
      const count = (await session.first(queries.count(filter, SMALL_SET + 1), values))?.count ?? 0
      if (count === 0) return 'nothing'
      if (count < least) {
        least = count
        smallest = filter
      }
    }
    return smallest ?? inPageOrder
  }

  async function inOrder(
    session: Session,
    order: ListOrder,
    filters: readonly ListFilter[],
    values: SqlValues & { limit: number },
  ): Promise<RecordRow[]> {
    const rows: RecordRow[] = []
    for (let range = 0; range < order.rangeCount && rows.length < values.limit; range++) {
      const limit = values.limit - rows.length
      rows.push(...(await session.all(queries.inOrder(order, filters, range), { ...values, limit })))
    }
    return rows
  }

  return (filter, toItem) =>
    engine.read('listModels', async (session) => {
      const order = listOrders[filter.orderBy]
      const list = nameOf(filter)
      const key = readCursor(filter.cursor, list, order.start)
      const filters = listFilters(filter, dialect)
      const limit = filter.limit + 1
      const values = Object.assign({ limit }, order.values(key), ...filters.map(({ values }) => values))
      const rows = await rowsOf(session, order, filters, values)
      return pageOf(rows, filter.limit, list, order.keyOf, toItem)
    })
}

function nameOf({
  orderBy,
  environment,
  tag,
  query,
  deploymentStatus,
  modelType,
}: VersionFilter): readonly unknown[] {
  return ['models', orderBy, environment, tag, query, deploymentStatus, modelType]
}

function givesPageOrder({ rows }: IndexedFilter, order: ListOrder): boolean {
  return order.byId && rows.inIdOrder
}

function isIndexed(filter: ListFilter): filter is IndexedFilter {
  return filter.rows !== undefined
}
