import { describe, expect, it, onTestFinished } from 'vitest'
import { postgresMigrations } from '../../src/adapters/metadata/migrations/postgres.js'
import { cliInFolder } from '../../src/cli/cli.testing.js'
import { connect } from '../support/postgres/connect.js'
import { freshDatabase, freshName } from '../support/postgres/fresh-database.js'

const known = postgresMigrations().map(({ number }) => number)

async function database() {
  const url = `${await freshDatabase()}&schema=registry`
  const beside = await connect(url)
  onTestFinished(() => beside.end())
  return { url, beside }
}

describe('modelry fix', () => {
  it('makes the database that kept the last command from its registry', async () => {
    const url = freshName()
    const cli = await cliInFolder()
    expect((await cli(`list --db ${url}`)).stderr).toContain('database-missing')
    expect((await cli(`fix --db ${url}`)).stdout).toContain('Plan: create-database')
    expect((await cli.ok(`fix --yes --db ${url}`)).stdout).toContain('Fixed: the same command can succeed.')
    await cli.ok(`list --db ${url}`)
  })
})

describe('modelry fix without a yes', () => {
  it('runs no migration, and says which ones it would run where', async () => {
    const { url } = await database()
    const cli = await cliInFolder()
    await cli(`list --db ${url}`, { env: { MODELRY_MIGRATIONS: 'check' } })
    const plan = (await cli(`fix --db ${url}`)).stdout.replace(/\s+/g, ' ')
    expect(plan).toContain(
      `1. Run the migrations that the database at 127.0.0.1:${new URL(url).port} lacks: 1 registry,`,
    )
    expect((await cli.ok(`db status --db ${url}`)).stdout).toContain('missing')
  })
})

describe('modelry db on Postgres', () => {
  it('runs what is missing, and of several that do so at once, each names what it ran itself', async () => {
    const { url, beside } = await database()
    const cli = await cliInFolder()
    const before = await cli.ok(`db status --db ${url} --json`)
    expect(before.json).toMatchObject({
      schema: 'registry',
      steps: known.map((number) => ({ number, state: 'missing' })),
    })
    const all = await Promise.all(Array.from({ length: 3 }, () => cli.ok(`db migrate --db ${url} --json`)))
    const ran = all.flatMap(({ json }) => Reflect.get(Object(json), 'ran')).map(({ number }) => number)
    expect(ran.toSorted((a, b) => a - b)).toEqual(known)
    const { rows } = await beside.query('select distinct program from registry.schema_migrations')
    expect(rows).toEqual([{ program: expect.stringMatching(/^\d+\.\d+\.\d+/) }])
  })

  it('names a database that is newer than the program, with its schema and the modelry that it needs', async () => {
    const { url, beside } = await database()
    const cli = await cliInFolder()
    await cli.ok(`db migrate --db ${url}`)
    await beside.query("insert into registry.schema_migrations values (999, 'later', 'x', 0, '9.1.0')")
    const { stdout } = await cli.ok(`db status --db ${url}`)
    expect(stdout).toContain('Newer than this program: postgres://admin:***@')
    expect(stdout).toContain('Schema: registry')
    expect(stdout).toContain('Use modelry 9.1.0 or newer.')
    expect((await cli(`db migrate --db ${url}`)).stderr).toContain('schema 999 of modelry')
  })

  it('takes tables whose migrations were recorded without a program', async () => {
    const { url, beside } = await database()
    const cli = await cliInFolder()
    await cli.ok(`db migrate --db ${url}`)
    await beside.query('alter table registry.schema_migrations drop column program')
    expect((await cli.ok(`db status --db ${url}`)).stdout).toContain('Up to date')
    await cli.ok(`list --db ${url}`)
  })

  it('is the only one that changes tables where the address says so', async () => {
    const { url, beside } = await database()
    const cli = await cliInFolder()
    const refused = await cli(`list --db ${url}&migrations=check`)
    expect(refused.stderr).toContain('schema-older')
    expect(refused.stderr).toContain('modelry db migrate')
    const { rows } = await beside.query("select 1 from pg_namespace where nspname = 'registry'")
    expect(rows).toEqual([])
    await cli.ok(`db migrate --db ${url}&migrations=check`)
    await cli.ok(`list --db ${url}&migrations=check`)
  })
})

describe('a schema that the address names and the database does not have', () => {
  it('is made by who asks for it, and not by opening it where another one has a registry', async () => {
    const { url, beside } = await database()
    const cli = await cliInFolder()
    await cli.ok(`list --db ${url}`)
    const slip = url.replace('schema=registry', 'schema=registy')
    const { code, stderr } = await cli(`list --db ${slip}`)
    expect(code).toBe(1)
    expect(stderr).toContain('schema-older')
    expect(stderr.replace(/\s+/g, ' ')).toContain('it has no schema registy, and a registry in registry')
    const made = () => beside.query("select from pg_namespace where nspname = 'registy'")
    expect((await made()).rowCount).toBe(0)
    const plan = (await cli(`fix --db ${slip}`)).stdout.replace(/\s+/g, ' ')
    expect(plan).toContain('it has no schema registy, and a registry in registry')
    expect((await made()).rowCount).toBe(0)
    await cli.ok(`db migrate --db ${slip}`)
    await cli.ok(`list --db ${slip}`)
  })
})

describe('tables that somebody dropped', () => {
  it('are named, with what to do where the migrations were all run', async () => {
    const { url, beside } = await database()
    const cli = await cliInFolder()
    await cli.save('btc@1.0.0', `--db ${url}`)
    await beside.query('drop table registry.history')
    const stderr = (await cli(`update btc@1.0.0 --description new --db ${url}`)).stderr.replace(/\s+/g, ' ')
    expect(stderr).toContain('has no table history where')
    expect(stderr).toContain('Where that does not help, the table was dropped by hand')
  })

  it('are named by those who ask how far the tables are, instead of calling them up to date', async () => {
    const { url, beside } = await database()
    const cli = await cliInFolder()
    await cli.ok(`list --db ${url}`)
    await beside.query('drop table registry.version_tags')
    for (const command of ['db status', 'db plan', 'db migrate']) {
      const { code, stdout, stderr } = await cli(`${command} --db ${url}`)
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr.replace(/\s+/g, ' ')).toContain('has no table version_tags where')
    }
  })

  it('are those of no registry where the record of the migrations is missing, in whichever schema', async () => {
    for (const schema of ['registry', undefined]) {
      const fresh = await database()
      const url = schema === undefined ? fresh.url.replace('&schema=registry', '') : fresh.url
      const cli = await cliInFolder()
      await cli.ok(`list --db ${url}`)
      await fresh.beside.query(`drop table ${schema ?? 'public'}.schema_migrations`)
      for (const command of ['list', 'db migrate', 'db status']) {
        const stderr = (await cli(`${command} --db ${url}`)).stderr.replace(/\s+/g, ' ')
        expect(stderr).toContain('table-missing')
        expect(stderr).toContain('has no table schema_migrations')
        expect(stderr).toContain("holds a registry's tables without the record of their migrations")
      }
    }
  })
})
