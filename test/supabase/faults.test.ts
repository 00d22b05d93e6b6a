import { randomUUID } from 'node:crypto'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openSupabaseMetadataStore } from '../../src/adapters/metadata/supabase.js'
import type { MetadataStore } from '../../src/ports/metadata-store.js'
import {
  CHAMPION,
  contentOf,
  draftOf,
  failureOf,
  MODEL,
  PRODUCTION,
  V1,
  V2,
} from '../../src/ports/testing/metadata/metadata-subject.js'
import { connect } from '../support/postgres/connect.js'
import { freshProject, type Project } from '../support/supabase/project.js'
import { type Fault, isForGood } from '../support/supabase/stand-in.js'

async function open(
  project: Project,
  key = project.serviceRoleKey,
  url = project.url,
): Promise<MetadataStore> {
  const store = await openSupabaseMetadataStore({ url, serviceRoleKey: key })
  onTestFinished(() => store.close())
  return store
}

async function run(project: Project, sql: string): Promise<Record<string, unknown>[]> {
  const client = await connect(project.databaseUrl)
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

/** Saves one version. */
function save(store: MetadataStore, version = V1) {
  const draft = draftOf(MODEL, version)
  return store.recordVersion(draft, contentOf(draft))
}

function once(fault: Fault): Project['faults'] {
  let done = false
  return (name, body) => {
    if (done || !isForGood(name, body)) return undefined
    done = true
    return fault
  }
}

describe('what keeps a registry on Supabase from working is told by its cause', () => {
  it.each([
    ['api-key-invalid', 'a key that is none', () => 'nonsense'],
    [
      'api-key-invalid',
      'a key of another project',
      (p: Project) => `${p.serviceRoleKey.slice(0, -8)}AAAAAAAA`,
    ],
    ['jwt-expired', 'a key that has expired', (p: Project) => p.key('service_role', -60)],
    ['database-permission', 'the anonymous key', (p: Project) => p.key('anon')],
    ['database-permission', 'the key of a user', (p: Project) => p.key('authenticated')],
  ])('%s: %s', async (reason, _, keyOf) => {
    const project = await freshProject()
    expect(await failureOf(open(project, keyOf(project)))).toMatchObject({
      code: 'DATABASE_ERROR',
      reason: { id: reason },
      outcome: 'not-applied',
      context: { operation: 'open', host: new URL(project.url).host },
    })
  })

  it('schema-cache-stale: a project without the migrations', async () => {
    const project = await freshProject('empty')
    const failure = await failureOf(open(project))
    expect(failure).toMatchObject({ reason: { id: 'schema-cache-stale' }, outcome: 'not-applied' })
  })

  it('schema-cache-stale: a function that is gone, and comes back with the schema', async () => {
    const project = await freshProject()
    const store = await open(project)
    await run(project, 'alter function modelry_change(json) rename to elsewhere')
    await project.reload()
    expect(await failureOf(save(store))).toMatchObject({
      reason: { id: 'schema-cache-stale' },
      outcome: 'not-applied',
      context: { operation: 'recordVersion' },
    })
    await run(project, 'alter function elsewhere(json) rename to modelry_change')
    await project.reload()
    expect(await save(store)).toMatchObject({ is: 'published' })
  })

  it('function-missing: the copy of the schema still has it', async () => {
    const project = await freshProject()
    const store = await open(project)
    await run(project, 'alter function modelry_change(json) rename to elsewhere')
    expect(await failureOf(save(store))).toMatchObject({ reason: { id: 'function-missing' } })
  })

  it('schema-older and schema-newer: another program has made the tables', async () => {
    const project = await freshProject()
    const store = await open(project)
    await run(project, `insert into schema_migrations values (99, 'later', 'x', 0)`)
    expect(await failureOf(save(store))).toMatchObject({
      reason: { id: 'schema-newer' },
      context: { actual: 99 },
    })
    expect(await store.listModels({ limit: 1, orderBy: 'newest' })).toHaveLength(0)
    expect(await failureOf(open(project))).toMatchObject({ reason: { id: 'schema-newer' } })
    await run(project, 'delete from schema_migrations where number > 4')
    expect(await failureOf(open(project))).toMatchObject({ reason: { id: 'schema-older' } })
  })

  it.each([
    ['project-paused', { is: 'answer', status: 540, body: 'Project paused' }],
    ['project-paused', { is: 'answer', status: 503, body: { message: 'The project is paused' } }],
    ['database-unreachable', { is: 'answer', status: 503, body: { message: 'upstream' } }],
    ['database-unreachable', { is: 'answer', status: 500, body: '' }],
    [
      'database-unreachable',
      { is: 'answer', status: 503, body: { code: 'PGRST000', message: 'no connection' } },
    ],
    ['connection-reset', { is: 'dropped' }],
    ['connection-reset', { is: 'cut' }],
  ] satisfies [string, Fault][])('%s: %j', async (reason, fault) => {
    const project = await freshProject()
    const store = await open(project)
    project.faults = () => fault
    expect(await failureOf(store.findSave('s'))).toMatchObject({
      code: 'DATABASE_ERROR',
      reason: { id: reason },
      outcome: 'not-applied',
    })
    project.faults = () => undefined
    expect(await store.findSave('s')).toBeUndefined()
  })

  it('connection-refused: nobody listens there', async () => {
    const project = await freshProject()
    const store = await open(project)
    await project.stop()
    expect(await failureOf(save(store))).toMatchObject({
      reason: { id: 'connection-refused' },
      outcome: 'not-applied',
    })
  })

  it('timed-out: nobody answers', async () => {
    const project = await freshProject()
    const { url, serviceRoleKey } = project
    const store = await openSupabaseMetadataStore({
      url,
      serviceRoleKey,
      requestTimeoutMs: 300,
      outcomeMs: 1,
    })
    onTestFinished(() => store.close())
    project.faults = () => ({ is: 'silence' })
    expect(await failureOf(store.findSave('s'))).toMatchObject({
      reason: { id: 'timed-out' },
      outcome: 'not-applied',
    })
    project.faults = (name, body) => (isForGood(name, body) ? { is: 'silence' } : undefined)
    expect(await failureOf(save(store))).toMatchObject({ reason: { id: 'timed-out' }, outcome: 'unknown' })
  })

  it('lock-not-available: somebody holds a row for longer than the patience of the database', async () => {
    const project = await freshProject()
    const store = await open(project)
    await save(store)
    await run(project, `alter function modelry_change(json) set lock_timeout = '100ms'`)
    const client = await connect(project.databaseUrl)
    await client.query('begin')
    await client.query('select 1 from models for update')
    expect(await failureOf(save(store, V2))).toMatchObject({ reason: { id: 'lock-not-available' } })
    await client.end()
    expect(await save(store, V2)).toMatchObject({ is: 'published' })
  })
})

describe('an answer that is lost', () => {
  it.each([{ is: 'answer-lost' }, { is: 'gateway-timeout' }, { is: 'dropped' }] satisfies Fault[])(
    'leaves a change made once: %j',
    async (fault) => {
      const project = await freshProject()
      const store = await open(project)
      project.faults = once(fault)
      expect(await save(store)).toMatchObject({ is: 'published', record: { number: 1 } })
      project.faults = once(fault)
      expect(await store.setAlias(MODEL, CHAMPION, V1, 'ann')).toMatchObject({
        aliases: ['champion'],
      })
      const history = await store.listHistory({ limit: 10 })
      expect(history.map(({ action }) => action)).toEqual(['alias-set', 'saved'])
    },
  )

  it('is told as an unknown outcome when nobody can say what became of the change', async () => {
    const project = await freshProject()
    const { url, serviceRoleKey } = project
    const store = await openSupabaseMetadataStore({ url, serviceRoleKey, outcomeMs: 200 })
    onTestFinished(() => store.close())
    let lost = false
    project.faults = (name, body) => {
      if (lost) return { is: 'answer', status: 503, body: { message: 'upstream' } }
      lost = isForGood(name, body)
      return lost ? { is: 'answer-lost' } : undefined
    }
    expect(await failureOf(save(store))).toMatchObject({ code: 'DATABASE_ERROR', outcome: 'unknown' })
    project.faults = () => undefined
    expect(await store.findVersion(MODEL, { is: 'latest' })).toMatchObject({ version: V1 })
  })
})

describe('the database of a registry on Supabase', () => {
  it('answers the ping of an application', async () => {
    const project = await freshProject()
    await save(await open(project))
    const { createClient } = await import('@supabase/supabase-js')
    const client = createClient(project.url, project.serviceRoleKey)
    const { data, error } = await client.from('trained_models').select('count').limit(1)
    expect({ data, error }).toEqual({ data: [{ count: 1 }], error: null })
  })

  it('shows nothing to anybody but the service role, and lets nobody else change anything', async () => {
    const project = await freshProject()
    await save(await open(project))
    const tables = await run(
      project,
      `select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by relname`,
    )
    expect(tables.map(({ relname }) => relname)).toContain('trained_models')
    for (const role of ['anon', 'authenticated'])
      for (const { relname } of tables) {
        for (const statement of [
          `select * from ${relname}`,
          `delete from ${relname}`,
          `truncate ${relname}`,
          `insert into ${relname} default values`,
        ])
          expect(await failureOf(as(project, role, statement))).toMatchObject({ code: '42501' })
        // Even where somebody grants the table again, its rows stay hidden.
        await run(project, `grant select, delete on ${relname} to ${role}`)
        expect(await as(project, role, `select * from ${relname}`)).toEqual([])
        expect(await as(project, role, `delete from ${relname} returning *`)).toEqual([])
      }
    for (const role of ['anon', 'authenticated'])
      for (const call of [
        `modelry_read('{"statements":[]}')`,
        `modelry_change('{"statements":[]}')`,
        `modelry_statement('{"sql":""}')`,
      ])
        expect(await failureOf(as(project, role, `select ${call}`))).toMatchObject({ code: '42501' })
    expect(await as(project, 'service_role', 'select model_id from trained_models')).toEqual([
      { model_id: MODEL },
    ])
  })

  it('holds the service role to the rules of the registry', async () => {
    const project = await freshProject()
    const store = await open(project)
    await save(store)
    await store.activate({
      lock: {
        modelId: MODEL,
        environment: PRODUCTION,
        lockId: randomUUID(),
        holder: 'h',
        purpose: 'p',
        leaseMs: 1000,
      },
      version: V1,
      actor: 'ann',
    })
    for (const statement of [
      'delete from history',
      'truncate history',
      `update trained_models set archived_at = 1`,
      `insert into deployments (model_id, version, version_id, environment, status, fence, deployed_at, deployed_by)
        select model_id, version, id, 'production', 'active', 9, 1, 'x' from trained_models`,
    ])
      expect(await failureOf(as(project, 'service_role', statement))).toMatchObject({
        code: expect.stringMatching(/^(23514|23505|42501)$/),
      })
  })

  it('counts as up to date for a program that opens it by its Postgres address', async () => {
    const project = await freshProject()
    await save(await open(project))
    const { openPostgresMetadataStore } = await import('../../src/adapters/metadata/postgres.js')
    const direct = await openPostgresMetadataStore({ url: project.databaseUrl })
    onTestFinished(() => direct.close())
    expect(await direct.findVersion(MODEL, { is: 'latest' })).toMatchObject({ version: V1 })
    expect(await save(direct, V2)).toMatchObject({ is: 'published', record: { number: 2 } })
  })
})

/** Runs one statement as a role, and undoes it. */
async function as(project: Project, role: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = await connect(project.databaseUrl)
  try {
    await client.query(`begin; set local role ${role}`)
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}
