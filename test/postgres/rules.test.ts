import type { Client } from 'pg'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { openPostgresMetadataStore } from '../../src/adapters/metadata/postgres.js'
import { manualClock } from '../../src/adapters/metadata/testing/manual-clock.js'
import { refusedValues } from '../../src/adapters/metadata/testing/refused-values.js'
import {
  CHAMPION,
  draftOf,
  LEASE_MS,
  type MetadataSubject,
  MODEL,
  metadataSubject,
  PRODUCTION,
  V1,
  V2,
} from '../../src/ports/testing/metadata/metadata-subject.js'
import { eventually } from '../support/eventually.js'
import { connect } from '../support/postgres/connect.js'
import { emptiedDatabases } from '../support/postgres/emptied.js'

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const [NOT_NULL, FOREIGN_KEY, UNIQUE, CHECK, DATATYPE] = ['23502', '23503', '23505', '23514', '22P02']

describe('the rules of the database, for whoever writes plain SQL', () => {
  const emptied = emptiedDatabases()
  let subject: MetadataSubject
  let raw: Client
  let url: string

  beforeEach(async () => {
    const clock = manualClock()
    url = await emptied()
    const store = await openPostgresMetadataStore({ url, now: clock.now, poolSize: 2 })
    subject = metadataSubject({ store, clock })
    raw = await connect(url)
    onTestFinished(async () => {
      await raw.end()
      await store.close()
    })
  })

  const refusal = async (sql: string): Promise<unknown> => {
    try {
      await raw.query(sql)
    } catch (error) {
      return error
    }
    throw new TypeError(`the database took ${sql}`)
  }
  const rowsOf = async (table: string) =>
    (await raw.query(`select count(*)::int as rows from ${table}`)).rows[0]?.rows

  it('refuse a second active deployment of a model in an environment, and a fence that was given before', async () => {
    for (const version of [V1, V2]) await subject.saved(MODEL, version)
    await subject.deployed(V1)
    await subject.deployed(V2)
    const insert = (status: string, fence: number, supersededAt: string) =>
      `insert into deployments (model_id, version, version_id, environment, status, fence, deployed_at, deployed_by, superseded_at)
       select model_id, version, id, '${PRODUCTION}', '${status}', ${fence}, 0, 'eve', ${supersededAt}
       from trained_models where version = '${V1}'`
    for (const sql of [
      insert('active', 3, 'null'),
      `update deployments set status = 'active', superseded_at = null where fence = 1`,
    ])
      expect(await refusal(sql)).toMatchObject({ code: UNIQUE, constraint: 'one_active_deployment' })
    expect(await refusal(insert('superseded', 1, '1'))).toMatchObject({ code: UNIQUE })
    expect((await subject.store.findActive(MODEL, PRODUCTION))?.version).toBe(V2)
  })

  it('keep two who deploy by hand at once from both being active', async () => {
    for (const version of [V1, V2]) await subject.saved(MODEL, version)
    await subject.deployed(V1)
    const deploy = (fence: number) =>
      `begin; update deployments set status = 'superseded', superseded_at = 1 where status = 'active';
       insert into deployments (model_id, version, version_id, environment, status, fence, deployed_at, deployed_by)
       select model_id, version, id, '${PRODUCTION}', 'active', ${fence}, 0, 'eve' from trained_models where version = '${V2}'`
    const other = await connect(url)
    onTestFinished(() => other.end())
    const pid = (await other.query('select pg_backend_pid() as pid')).rows[0]?.pid
    await raw.query(deploy(2))
    const late = other.query(deploy(3)).catch((error: unknown) => error)
    await eventually(async () => {
      const blocked = 'select 1 where cardinality(pg_blocking_pids($1)) > 0'
      expect((await raw.query(blocked, [pid])).rows).toHaveLength(1)
    })
    await raw.query('commit')
    expect(await late).toMatchObject({ code: UNIQUE, constraint: 'one_active_deployment' })
    await other.query('rollback')
    const { rows } = await raw.query(`select fence::int from deployments where status = 'active'`)
    expect(rows).toEqual([{ fence: 2 }])
  })

  it('refuse to alter, to delete, to replace or to empty what the history says', async () => {
    await subject.saved(MODEL, V1)
    for (const sql of [
      `update history set actor = 'eve'`,
      `delete from history`,
      `truncate history`,
      `insert into history (sequence, at, actor, action, model_id, details)
        values (1, 0, 'eve', 'saved', 'm', '{}') on conflict (sequence) do update set actor = 'eve'`,
    ])
      expect(await refusal(sql)).toMatchObject({ code: CHECK, constraint: 'history_is_append_only' })
    expect(await subject.store.listHistory({ limit: 10 })).toMatchObject([{ actor: 'ann', sequence: 1 }])
  })

  it('refuse to archive, to hide or to delete a version that is active', async () => {
    await subject.saved(MODEL, V1)
    await subject.deployed(V1)
    for (const change of [`archived_at = 1`, `state = 'deleting'`])
      expect(await refusal(`update trained_models set ${change}`)).toMatchObject({
        code: CHECK,
        constraint: 'active_version_stays',
      })
    expect(await refusal(`delete from trained_models`)).toMatchObject({ code: CHECK })
    expect((await subject.store.findActive(MODEL, PRODUCTION))?.version).toBe(V1)
  })

  it('refuse values outside of their enumeration or range', async () => {
    await subject.saved(MODEL, V1)
    await subject.saved(MODEL, V2)
    await subject.deployed(V2)
    for (const [table, change] of refusedValues)
      expect(
        await refusal(
          `update ${table} set ${change} ${table === 'trained_models' ? `where version = '${V1}'` : ''}`,
        ),
        `${table}: ${change}`,
      ).toMatchObject({ code: CHECK })
    const action = `insert into history (at, actor, action, model_id, details) values (0, 'eve', 'forged', 'm', '{}')`
    expect(await refusal(action)).toMatchObject({ code: CHECK, constraint: 'history_action' })
  })

  it('refuse values of another type, and none where one is needed', async () => {
    await subject.saved(MODEL, V1)
    expect(await refusal(`update trained_models set size = 'big'`)).toMatchObject({ code: DATATYPE })
    expect(await refusal(`update trained_models set save_id = null`)).toMatchObject({ code: NOT_NULL })
    expect(await refusal(`update files set address = null`)).toMatchObject({ code: NOT_NULL })
  })

  it('refuse rows that refer to nothing', async () => {
    await subject.saved(MODEL, V1)
    for (const sql of [
      `update trained_models set model_id = 'gone'`,
      `delete from models`,
      `insert into aliases (model_id, alias, version_id) values ('${MODEL}', 'x', 9999999)`,
    ])
      expect(await refusal(sql)).toMatchObject({ code: FOREIGN_KEY })
  })

  it('keep one version of a name, and one of a number, in a model', async () => {
    for (const version of [V1, V2]) await subject.saved(MODEL, version)
    expect(await refusal(`update trained_models set version = '${V1}'`)).toMatchObject({ code: UNIQUE })
    expect(await refusal(`update trained_models set number = 1`)).toMatchObject({ code: UNIQUE })
  })

  it('let search follow a version that is changed or removed by hand', async () => {
    await subject.saved(MODEL, V1, { tags: { stage: 'dev' }, description: 'first words' })
    await raw.query(`update trained_models set tags = '{"stage":"prod"}', search_text = 'other words'`)
    expect(await subject.listed({ tag: 'stage=dev' })).toEqual([])
    expect(await subject.listed({ tag: 'stage=prod', query: 'other' })).toHaveLength(1)
    expect(await subject.listed({ query: 'first' })).toEqual([])
    await raw.query(`delete from trained_models`)
    expect(await rowsOf('version_tags')).toBe(0)
  })

  it('leave nothing of a version behind when its row is removed', async () => {
    await subject.saved(MODEL, V1, { tags: { stage: 'dev' } })
    await subject.store.setAlias(MODEL, CHAMPION, V1, 'ann')
    await subject.store.reserveVersion(draftOf(MODEL, V2), LEASE_MS)
    await raw.query(`delete from trained_models`)
    for (const table of ['files', 'version_tags', 'aliases']) expect(await rowsOf(table)).toBe(0)
  })
})
