import { type RawBuilder, sql } from 'kysely'
import type { VersionFilter } from '../../ports/metadata-store.js'
import type { Dialect } from './engine.js'
import type { FilterRows, ListFilter } from './list-filter.js'
import { placeholder } from './prepared.js'
import { foldText } from './search-text.js'

/** Shorter texts have no trigram, so they are taken as the start of a name. */
const SHORTEST_TEXT = 3

/** The filters that are asked for, the one that is likely to let least through first. */
export function listFilters(filter: VersionFilter, dialect: Dialect): ListFilter[] {
  const { environment, tag, query, deploymentStatus, modelType } = filter
  return [
    ...(environment === undefined ? [] : [activeIn(environment)]),
    ...(tag === undefined ? [] : [tagged(tag, dialect)]),
    ...(query === undefined ? [] : [withText(foldText(query), dialect)]),
    ...(deploymentStatus === undefined ? [] : [withStatus(deploymentStatus, dialect)]),
    ...(modelType === undefined ? [] : [ofType(modelType, dialect)]),
  ]
}

function activeIn(environment: string): ListFilter {
  const value = placeholder('environment')
  return {
    name: 'environment',
    rows: {
      from: sql`deployments d`,
      where: sql`d.environment = ${value} and d.status = 'active'`,
      id: sql`d.version_id`,
      inIdOrder: true,
      hasVersion: false,
    },
    // By the id alone, which every index has: a version that is not active there is passed over without reading its row.
    test: sql`exists (select 1 from deployments
      where environment = ${value} and version_id = v.id and status = 'active')`,
    values: { environment },
  }
}

function tagged(tag: string, dialect: Dialect): ListFilter {
  const equals = tag.indexOf('=')
  const name = equals < 0 ? tag : tag.slice(0, equals)
  const tagName = placeholder<string>('tagName')
  if (equals < 0)
    return {
      name: 'tag name',
      rows: { ...taggedRows(sql`name = ${tagName}`, dialect), inIdOrder: false },
      test: dialect.hasTag(tagName),
      values: { tagName: name },
    }
  const named = sql`name = ${tagName} and value = ${placeholder('tagValue')}`
  const has = tagTables(dialect).map(
    (table) => sql`exists (select 1 from ${table} where ${named} and version_id = v.id)`,
  )
  return {
    name: 'tag',
    rows: { ...taggedRows(named, dialect), inIdOrder: true },
    test: sql`(${sql.join(has, sql` or `)})`,
    values: { tagName: name, tagValue: tag.slice(equals + 1) },
  }
}

function tagTables({ recentTags }: Dialect): RawBuilder<unknown>[] {
  return [sql`version_tags`, ...(recentTags === undefined ? [] : [recentTags])]
}

function taggedRows(where: RawBuilder<unknown>, dialect: Dialect): Omit<FilterRows, 'inIdOrder'> {
  const parts = tagTables(dialect).map((table) => ({
    from: sql`${table} t`,
    where,
    id: sql<number>`t.version_id`,
  }))
  const [only] = parts
  if (only !== undefined && parts.length === 1) return { ...only, hasVersion: false }
  const each = parts.map(({ from }) => sql`select version_id from ${from} where ${where}`)
  return {
    from: sql`(${sql.join(each, sql` union all `)}) found`,
    where: sql`true`,
    id: sql`found.version_id`,
    hasVersion: false,
    parts,
  }
}

function withText(text: string, dialect: Dialect): ListFilter {
  if ([...text].length >= SHORTEST_TEXT) {
    return { name: 'text', ...dialect.textFilter(text) }
  }
  const within = (column: RawBuilder<unknown>) =>
    sql`${column} >= ${placeholder('prefix')} and ${column} < ${placeholder('afterPrefix')}`
  return {
    name: 'prefix',
    rows: {
      from: sql`models m cross join trained_models v`,
      where: sql`${within(sql`m.folded`)} and v.model_id = m.model_id and v.state = 'ready'`,
      id: sql`v.id`,
      inIdOrder: false,
      hasVersion: true,
    },
    test: within(sql`lower(v.model_id)`),
    // Names are ASCII, which ends before this character.
    values: { prefix: text, afterPrefix: `${text}\x7f` },
  }
}

function withStatus(status: 'active' | 'inactive' | 'archived', dialect: Dialect): ListFilter {
  const active = sql`exists (select 1 from deployments where version_id = v.id and status = 'active')`
  const archivedAt = dialect.withoutIndex(sql`v.archived_at`)
  switch (status) {
    case 'active':
      return {
        name: 'active',
        rows: {
          from: sql`deployments d`,
          // A version that is active in several environments counts once, in the first of them.
          where: sql`d.status = 'active' and d.environment =
            (select min(environment) from deployments where version_id = d.version_id and status = 'active')`,
          id: sql`d.version_id`,
          inIdOrder: true,
          hasVersion: false,
        },
        test: active,
        values: {},
      }
    case 'inactive':
      return { name: 'inactive', test: sql`${archivedAt} is null and not ${active}`, values: {} }
    case 'archived':
      return {
        name: 'archived',
        rows: {
          from: sql`trained_models v`,
          where: sql`v.state = 'ready' and v.archived_at is not null`,
          id: sql`v.id`,
          inIdOrder: true,
          hasVersion: true,
        },
        test: sql`${archivedAt} is not null`,
        values: {},
      }
  }
}

function ofType(modelType: string, dialect: Dialect): ListFilter {
  const value = placeholder('modelType')
  return {
    name: 'type',
    rows: {
      from: sql`trained_models v`,
      where: sql`v.state = 'ready' and v.model_type = ${value}`,
      id: sql`v.id`,
      inIdOrder: true,
      hasVersion: true,
    },
    test: sql`${dialect.withoutIndex(sql`v.model_type`)} = ${value}`,
    values: { modelType },
  }
}
