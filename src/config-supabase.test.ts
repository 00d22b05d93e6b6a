import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ConfigSources, loadConfig, shownDb } from './config.js'
import { ModelValidationError } from './errors/model-validation-failed/error.js'

const env = { SUPABASE_URL: 'https://abc.supabase.co', SUPABASE_SERVICE_ROLE_KEY: 'sb_secret_hidden' }
const project = { is: 'supabase', url: env.SUPABASE_URL, serviceRoleKey: env.SUPABASE_SERVICE_ROLE_KEY }

describe('a registry on Supabase', () => {
  let cwd: string
  beforeAll(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'modelry-config-'))
  })
  afterAll(() => rm(cwd, { recursive: true, force: true }))
  const load = (sources: ConfigSources) => loadConfig({ cwd, env: {}, ...sources })

  it('is the database where the environment names a project and nothing names a database', async () => {
    const { config, origins } = await load({ env })
    expect(config.db).toEqual(project)
    expect(origins.db).toEqual({ is: 'environment', name: 'SUPABASE_URL' })
  })

  it('is not, where a database is named, whoever names it', async () => {
    const db = 'sqlite:x.db'
    for (const sources of [
      { env: { ...env, MODELRY_DB: db } },
      { env, flags: { db } },
      { env, program: { db } },
    ])
      expect((await load(sources)).config.db).toEqual({ is: 'sqlite', path: join(cwd, 'x.db') })
  })

  it('is not, where the program or an option says where the home is', async () => {
    for (const sources of [{ flags: { home: 'h' } }, { program: { home: 'h' } }])
      expect((await load({ env, ...sources })).config.db.is).toBe('sqlite')
    expect((await load({ env: { ...env, MODELRY_HOME: 'h' } })).config.db).toEqual(project)
    expect((await load({ env, flags: { home: 'h', db: 'supabase' } })).config.db).toEqual(project)
  })

  it('is not, where the environment has a part of it only, as the pages of an application do', async () => {
    for (const part of [{ SUPABASE_URL: env.SUPABASE_URL }, { SUPABASE_SERVICE_ROLE_KEY: 'key' }])
      expect((await load({ env: part })).config.db.is).toBe('sqlite')
  })

  it('says what is missing when it is asked for by name', async () => {
    expect(await problemsOf({ env: { MODELRY_DB: 'supabase' } })).toMatchObject([
      { path: 'SUPABASE_URL', found: 'nothing' },
      { path: 'SUPABASE_SERVICE_ROLE_KEY', found: 'nothing' },
    ])
    expect(await problemsOf({ env: { ...env, SUPABASE_URL: 'abc' } })).toMatchObject([
      { path: 'SUPABASE_URL', found: '"abc"' },
    ])
  })

  it('never shows its key', async () => {
    const { config } = await load({ env })
    expect(shownDb(config.db)).toBe('supabase at https://abc.supabase.co')
    const problems = await problemsOf({ env: { ...env, SUPABASE_URL: 'ftp://ann:s3cret@host' } })
    expect(JSON.stringify(problems)).not.toMatch(/hidden|s3cret/)
  })

  async function problemsOf(sources: ConfigSources) {
    const failure: unknown = await load(sources).catch((error: unknown) => error)
    if (!(failure instanceof ModelValidationError)) throw failure
    return failure.context.validationErrors
  }
})
