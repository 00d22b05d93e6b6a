import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from '../../../test/support/temporary-folder.js'
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
} from '../../ports/testing/metadata/metadata-subject.js'
import { openSqliteMetadataStore } from './sqlite.js'
import { manualClock } from './testing/manual-clock.js'
import { refusedValues } from './testing/refused-values.js'

/** SQLITE_CONSTRAINT with its kinds: https://www.sqlite.org/rescode.html#extrc */
const CHECK = 275
const FOREIGN_KEY = 787
const NOT_NULL = 1299
const TRIGGER = 1811
const UNIQUE = 2067
const DATATYPE = 3091

describe('the rules of the database, for whoever writes plain SQL', () => {
  let subject: MetadataSubject
  let raw: DatabaseSync

  beforeEach(async () => {
    const clock = manualClock()
    const path = join(await temporaryFolder(), 'registry.db')
    subject = metadataSubject({ store: await openSqliteMetadataStore({ path, now: clock.now }), clock })
    raw = new DatabaseSync(path, { timeout: 10_000 })
    onTestFinished(async () => {
      raw.close()
      await subject.store.close()
    })
  })

  const refusal = (sql: string) => {
    try {
      raw.exec(sql)
    } catch (error) {
      return error
    }
    throw new Error(`the database took ${sql}`)
  }

  it('refuse a second active deployment of a model in an environment', async () => {
    for (const version of [V1, V2]) await subject.saved(MODEL, version)
    await subject.deployed(V1)
    await subject.deployed(V2)
    expect(
      refusal(`insert into deployments
        (model_id, version, version_id, environment, status, fence, deployed_at, deployed_by)
        values ('${MODEL}', '${V1}', 1, '${PRODUCTION}', 'active', 3, 0, 'eve')`),
    ).toMatchObject({ errcode: UNIQUE })
    expect(
      refusal(`update deployments set status = 'active', superseded_at = null where fence = 1`),
    ).toMatchObject({ errcode: UNIQUE })
  })

  it('refuse a fence that was given before', async () => {
    await subject.saved(MODEL, V1)
    await subject.deployed(V1)
    expect(
      refusal(`insert into deployments
        (model_id, version, version_id, environment, status, fence, deployed_at, deployed_by, superseded_at)
        values ('${MODEL}', '${V1}', 1, '${PRODUCTION}', 'superseded', 1, 0, 'eve', 1)`),
    ).toMatchObject({ errcode: UNIQUE })
  })

  it('refuse to alter, to delete or to replace what the history says', async () => {
    await subject.saved(MODEL, V1)
    for (const sql of [
      `update history set actor = 'eve'`,
      `delete from history`,
      `insert or replace into history (sequence, at, actor, action, model_id, details)
        values (1, 0, 'eve', 'saved', 'm', '{}')`,
      `replace into history (sequence, at, actor, action, model_id, details)
        values (1, 0, 'eve', 'saved', 'm', '{}')`,
    ])
      expect(refusal(sql)).toMatchObject({ errcode: TRIGGER })
    expect(await subject.store.listHistory({ limit: 10 })).toMatchObject([{ actor: 'ann', sequence: 1 }])
  })

  it('refuse to archive, to hide or to delete a version that is active', async () => {
    await subject.saved(MODEL, V1)
    await subject.deployed(V1)
    for (const change of [`archived_at = 1`, `state = 'deleting'`])
      expect(refusal(`update trained_models set ${change}`)).toMatchObject({ errcode: TRIGGER })
    expect(refusal(`delete from trained_models`)).toMatchObject({ errcode: CHECK })
    expect((await subject.store.findActive(MODEL, PRODUCTION))?.version).toBe(V1)
  })

  it('refuse values outside of their enumeration or range', async () => {
    await subject.saved(MODEL, V1)
    await subject.saved(MODEL, V2)
    await subject.deployed(V2)
    for (const [table, change] of refusedValues)
      expect(
        refusal(`update ${table} set ${change} where true ${table === 'trained_models' ? 'and id = 1' : ''}`),
        `${table}: ${change}`,
      ).toMatchObject({
        errcode: CHECK,
      })
  })

  it('refuse values of another type, and none where one is needed', async () => {
    await subject.saved(MODEL, V1)
    expect(refusal(`update trained_models set size = 'big'`)).toMatchObject({ errcode: DATATYPE })
    expect(refusal(`update trained_models set save_id = null`)).toMatchObject({ errcode: NOT_NULL })
    expect(refusal(`update files set address = null`)).toMatchObject({ errcode: NOT_NULL })
  })

  it('refuse rows that refer to nothing', async () => {
    await subject.saved(MODEL, V1)
    expect(refusal(`update trained_models set model_id = 'gone'`)).toMatchObject({ errcode: FOREIGN_KEY })
    expect(refusal(`delete from models`)).toMatchObject({ errcode: FOREIGN_KEY })
    expect(
      refusal(`insert into aliases (model_id, alias, version_id) values ('${MODEL}', 'x', 99)`),
    ).toMatchObject({ errcode: FOREIGN_KEY })
  })

  it('keep one version of a name, and one of a number, in a model', async () => {
    for (const version of [V1, V2]) await subject.saved(MODEL, version)
    expect(refusal(`update trained_models set version = '${V1}'`)).toMatchObject({ errcode: UNIQUE })
    expect(refusal(`update trained_models set number = 1`)).toMatchObject({ errcode: UNIQUE })
  })

  it('let search follow a version that is made, changed or removed by hand', async () => {
    await subject.saved(MODEL, V1, { tags: { stage: 'dev' }, description: 'first words' })
    raw.exec(`update trained_models set tags = '{"stage":"prod"}', search_text = 'other words'`)
    expect(await subject.listed({ tag: 'stage=dev' })).toEqual([])
    expect(await subject.listed({ tag: 'stage=prod', query: 'other' })).toHaveLength(1)
    expect(await subject.listed({ query: 'first' })).toEqual([])
    raw.exec(`delete from trained_models`)
    expect(raw.prepare(`select count(*) as rows from version_tags`).get()).toEqual({ rows: 0 })
    expect(raw.prepare(`select count(*) as rows from version_search('wor')`).get()).toEqual({ rows: 0 })
  })

  it('leave no model behind that has no versions', async () => {
    const { store } = subject
    const models = () => raw.prepare('select count(*) as rows from models').get()
    const draft = draftOf(MODEL, V1)
    await store.reserveVersion(draft, LEASE_MS)
    expect(models()).toEqual({ rows: 1 })
    await store.releaseReservation(draft.saveId)
    expect(models()).toEqual({ rows: 0 })
    await subject.saved(MODEL, V1)
    await store.beginDeletion(MODEL, V1, 'ann')
    expect(models()).toEqual({ rows: 1 })
    await store.finishDeletion(MODEL, V1)
    expect(models()).toEqual({ rows: 0 })
  })

  it('leave nothing of a version behind when its row is removed', async () => {
    await subject.saved(MODEL, V1, { tags: { stage: 'dev' } })
    await subject.store.setAlias(MODEL, CHAMPION, V1, 'ann')
    await subject.store.reserveVersion(draftOf(MODEL, V2), LEASE_MS)
    raw.exec(`delete from trained_models`)
    for (const table of ['files', 'version_tags', 'aliases'])
      expect(raw.prepare(`select count(*) as rows from ${table}`).get()).toEqual({ rows: 0 })
  })
})
