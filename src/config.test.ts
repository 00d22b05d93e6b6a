import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ConfigSources, loadConfig, shownDb } from './config.js'
import { ModelValidationError } from './errors/model-validation-failed/error.js'

let cwd: string
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'modelry-config-'))
})
afterEach(() => rm(cwd, { recursive: true, force: true }))

const load = (sources: ConfigSources = {}) => loadConfig({ env: {}, cwd, ...sources })
const file = (name: string, text: string) => writeFile(join(cwd, name), text)

describe('loadConfig', () => {
  it('keeps everything under ./.modelry by default', async () => {
    const { config, origins } = await load()
    expect(config).toMatchObject({
      home: join(cwd, '.modelry'),
      store: { is: 'file', root: join(cwd, '.modelry/artifacts') },
      db: { is: 'sqlite', path: join(cwd, '.modelry/registry.db') },
      migrations: 'auto',
      environments: {},
      bucket: 'models',
      saveLeaseMs: 60_000,
      lockLeaseMs: 30_000,
      server: { host: '127.0.0.1', port: 7878, insecure: false },
    })
    expect(config.actor).not.toBe('')
    expect(config.remote).toBeUndefined()
    expect(origins.store).toEqual({ is: 'default' })
  })

  it('takes options before variables, variables before the file, and the file before the defaults', async () => {
    await file(
      'modelry.config.json',
      '{"actor":"file","bucket":"from-file","server":{"port":1,"host":"::1","logLevel":"warn"}}',
    )
    const { config, origins } = await load({
      flags: { actor: 'flag', 'server.insecure': true },
      env: { MODELRY_ACTOR: 'variable', MODELRY_PORT: '2', MODELRY_GRACE_MS: '0', MODELRY_BUCKET: '' },
    })
    expect(config).toMatchObject({
      actor: 'flag',
      bucket: 'from-file',
      server: { port: 2, host: '::1', logLevel: 'warn', insecure: true, graceMs: 0 },
    })
    expect(origins).toMatchObject({
      actor: { is: 'flag', name: '--actor' },
      bucket: { is: 'file', path: join(cwd, 'modelry.config.json') },
      'server.port': { is: 'environment', name: 'MODELRY_PORT' },
      'server.host': { is: 'file' },
      'server.maxFileBytes': { is: 'default' },
    })
  })

  it('reads a TypeScript file through its default export', async () => {
    await file(
      'modelry.config.ts',
      `const minimum: number = 0.9\nexport default { environments: { production: { minimumMetrics: { accuracy: minimum } } } }`,
    )
    const { config } = await load()
    expect(config.environments).toEqual({ production: { minimumMetrics: { accuracy: 0.9 } } })
  })

  it('resolves the paths of options against the working folder, and an address in each of its forms', async () => {
    const store = async (address: string) => (await load({ flags: { store: address } })).config.store
    expect(await store('file:./a/b')).toEqual({ is: 'file', root: join(cwd, 'a/b') })
    expect(await store('file:/srv/models')).toEqual({ is: 'file', root: '/srv/models' })
    expect(await store('file:///srv/my%20models')).toEqual({ is: 'file', root: '/srv/my models' })
    expect((await load({ env: { MODELRY_DB: 'sqlite:x.db' } })).config.db).toEqual({
      is: 'sqlite',
      path: join(cwd, 'x.db'),
    })
  })

  it('takes a Postgres database by its address, and never shows its password', async () => {
    const url = 'postgres://ann:s3cret@db.example:6543/models?sslmode=verify-full&schema=registry&pool=4'
    const { config } = await load({ env: { MODELRY_DB: url } })
    expect(config.db).toEqual({ is: 'postgres', url })
    expect(shownDb(config.db)).toBe(url.replace('s3cret', '***'))
    for (const wrong of ['sslmode=maybe', 'pool=many', 'schema=pg_x', 'colour=red']) {
      const failure = await load({ env: { MODELRY_DB: `${url.split('?')[0]}?${wrong}` } }).catch(
        (error) => error,
      )
      expect(failure).toMatchObject({ context: { validationErrors: [{ path: 'MODELRY_DB' }] } })
      expect(JSON.stringify(failure)).not.toContain('s3cret')
    }
  })

  it('connects to a server when one is named, with the token if there is one', async () => {
    const env = { MODELRY_SERVER: 'https://models.example/', MODELRY_TOKEN: 'secret' }
    expect((await load({ env })).config.remote).toEqual({ url: 'https://models.example', token: 'secret' })
    expect((await load({ env: { MODELRY_TOKEN: 'secret' } })).config.remote).toBeUndefined()
  })

  it('keeps the files of a server to it where that is wished', async () => {
    const env = { MODELRY_SERVER: 'https://models.example', MODELRY_TRANSFER: 'server' }
    expect((await load({ env })).config.remote).toEqual({ url: 'https://models.example', transfer: 'server' })
    const problems = await problemsOf({ env: { ...env, MODELRY_TRANSFER: 'proxy' } })
    expect(problems).toMatchObject([{ path: 'MODELRY_TRANSFER' }])
  })

  it('refuses a bucket of which no address could be made', async () => {
    for (const bucket of ['a..b', '192.168.0.1', 'M', 'ab', 'a-'])
      await expect(load({ env: { MODELRY_BUCKET: bucket } })).rejects.toMatchObject({
        context: {
          validationErrors: [
            { path: 'MODELRY_BUCKET', allowed: '3 to 63 lower-case letters, digits, dots and hyphens' },
          ],
        },
      })
  })

  it('refuses an actor that the registry would refuse', async () => {
    for (const actor of ['x'.repeat(129), 'a\nb'])
      await expect(load({ flags: { actor } })).rejects.toMatchObject({
        context: {
          validationErrors: [{ path: '--actor', allowed: 'a name of 1 to 128 visible characters' }],
        },
      })
  })

  it('stays on this machine when an option or the program names a place and only a variable a server', async () => {
    const env = { MODELRY_SERVER: 'http://127.0.0.1:7878', MODELRY_TOKEN: 'secret' }
    for (const named of [{ flags: { home: './x' } }, { program: { store: 'file:./x' } }]) {
      const { config, origins } = await load({ env, ...named })
      expect(config.remote).toBeUndefined()
      expect(origins['remote.url']).toEqual({ is: 'default' })
    }
    const flags = { home: './x', 'remote.url': 'http://127.0.0.1:7879' }
    expect((await load({ env, flags })).config.remote?.url).toBe('http://127.0.0.1:7879')
    const variables = { ...env, MODELRY_HOME: './x' }
    expect((await load({ env: variables })).config.remote?.url).toBe('http://127.0.0.1:7878')
  })

  it('names the file that has a problem, and no file where there is none of it', async () => {
    await file('modelry.config.json', '{"stoer":"file:./x"}')
    await expect(load()).rejects.toThrow(
      `The configuration in ${join(cwd, 'modelry.config.json')} was refused`,
    )
    await file('modelry.config.json', '{"actor":"ann"}')
    await expect(load({ env: { MODELRY_PORT: 'x' } })).rejects.toThrow('The configuration was refused')
  })

  it('reports every problem of every source at once, each under the name by which it was given', async () => {
    await file('modelry.config.json', '{"bucet":"x","server":{"prot":1},"saveLeaseMs":"long"}')
    const problems = await problemsOf({
      flags: { store: 's3://bucket/models?regoin=eu-central-1' },
      env: { MODELRY_PORT: '99999', MODELRY_DB: 'mysql://h/db', MODELRY_STOER: 'x' },
    })
    expect(problems.map(({ path }) => path).sort()).toEqual(
      [
        '--store',
        'MODELRY_DB',
        'MODELRY_PORT',
        'MODELRY_STOER',
        'bucet',
        'saveLeaseMs',
        'server.prot',
      ].sort(),
    )
    const text = JSON.stringify(problems)
    expect(text).toContain('did you mean bucket?')
    expect(text).toContain('did you mean port')
    expect(text).toContain('did you mean MODELRY_STORE?')
    expect(text).toContain('regoin, which is none; region is one')
    expect(text).not.toContain('hunter2')
  })

  it.each([
    ['pool_size=4', 'the setting pool_size, which is none; pool is one'],
    ['zebra=4', 'the setting zebra, which is none;'],
    ['pool=many', 'pool=many, which is to be a number'],
    ['sslmode=on', 'sslmode=on, which is to be disable, prefer'],
    ['migrations=never', 'migrations=never, which is to be auto or check'],
    ['schema=My-Schema', 'schema=My-Schema, which is to be lower-case'],
  ])('says what is wrong with %s in the address of Postgres, and not its password', async (setting, says) => {
    const db = `postgres://ann:hunter2@db.internal/registry?sslmode=prefer&${setting}&password=hunter2`
    const [problem] = await problemsOf({ env: { MODELRY_DB: db } })
    expect(problem?.message).toContain(says)
    expect(JSON.stringify(problem)).not.toContain('hunter2')
  })

  it('offers the setting of a store whose name has the given one in it', async () => {
    const problems = await problemsOf({ flags: { store: 's3://bucket/models?pathStyle=true' } })
    expect(JSON.stringify(problems)).toContain('pathStyle, which is none; forcePathStyle is one')
  })

  it('refuses a database that is not even text', async () => {
    await file('modelry.config.json', '{ "db": { "toString": 1, "valueOf": 1 } }')
    await expect(load()).rejects.toMatchObject({
      code: 'MODEL_VALIDATION_FAILED',
      context: { validationErrors: [{ path: 'db' }] },
    })
  })

  it('never shows a token, not even one that is wrong', async () => {
    await file('modelry.config.json', '{"remote":{"url":"http://localhost:1","token":12345}}')
    const problems = await problemsOf({})
    expect(problems).toMatchObject([{ path: 'remote.token' }])
    expect(JSON.stringify(problems)).not.toContain('12345')
  })

  it('refuses a file with a key given twice, one that is not JSON, and two files', async () => {
    await file('modelry.config.json', '{"bucket":"one","bucket":"two"}')
    expect(await problemsOf({})).toMatchObject([{ path: 'bucket', allowed: 'each key once' }])
    await file('modelry.config.json', 'bucket: one')
    expect(await problemsOf({})).toMatchObject([{ allowed: 'JSON' }])
    await file('modelry.config.ts', 'export default {}')
    expect(await problemsOf({})).toMatchObject([{ allowed: 'one of the two files, not both' }])
  })

  it('refuses a file that cannot be read or imported, with the reason', async () => {
    await mkdir(join(cwd, 'modelry.config.json'))
    expect(await problemsOf({})).toMatchObject([{ found: '"EISDIR"' }])
    await rm(join(cwd, 'modelry.config.json'), { recursive: true })
    await file('modelry.config.ts', 'export const x = 1')
    expect(await problemsOf({})).toMatchObject([{ allowed: 'a default export that holds the settings' }])
  })

  it('leaves variables of other programs alone', async () => {
    await expect(load({ env: { MODELRY_SEED: '1', MODELRY_TEST_FOLDER: 'x' } })).resolves.toBeDefined()
  })
})

async function problemsOf(sources: ConfigSources) {
  const error = await load(sources).then(
    () => undefined,
    (caught: unknown) => caught,
  )
  if (!(error instanceof ModelValidationError)) throw error ?? new Error('The configuration was taken.')
  return error.context.validationErrors
}
