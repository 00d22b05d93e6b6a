import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { cliInFolder } from '../cli.testing.js'

describe('modelry db', () => {
  it('says what is missing, shows its SQL, runs it, and makes nothing before that', async () => {
    const cli = await cliInFolder()
    const before = await cli.ok('db status')
    expect(before.stdout).toContain('missing: sqlite:')
    expect(before.stdout).toContain('modelry db migrate')
    expect((await cli.ok('db plan')).stdout).toContain('create table')
    expect(existsSync(join(cli.folder, '.modelry/registry.db'))).toBe(false)
    expect((await cli.ok('db migrate')).stdout).toContain('Ran 1 registry')
    expect((await cli.ok('db status')).stdout).toContain('Up to date')
    expect((await cli.ok('db plan')).stdout).toContain('Nothing would run')
    expect((await cli.ok('db migrate --json')).json).toMatchObject({ ran: [] })
  })

  it('names the database that is newer than the program, with the modelry that it needs, and leaves it alone', async () => {
    const cli = await cliInFolder()
    await cli.ok('db migrate')
    inDatabase(
      cli.folder,
      "insert into schema_migrations (number, name, checksum, applied_at, program) values (999, 'later', 'x', 0, '9.1.0')",
    )
    const status = await cli.ok('db status')
    expect(status.stdout).toContain('Newer than this program: sqlite:')
    expect(status.stdout).toMatch(/999 +later +newer +9\.1\.0/)
    expect(status.stdout).toContain('Use modelry 9.1.0 or newer.')
    expect((await cli.ok('db plan')).stdout).toContain('is newer than this program')
    const refused = await cli('db migrate')
    expect(refused).toMatchObject({ code: 1 })
    expect(refused.stderr).toContain('schema-newer')
    expect(refused.stderr).toContain('schema 999 of modelry')
  })

  it('is told by a database of the first versions that nobody recorded who made it', async () => {
    const cli = await cliInFolder()
    await cli.ok('db migrate')
    inDatabase(
      cli.folder,
      "alter table schema_migrations drop column program; insert into schema_migrations values (999, 'later', 'x', 0)",
    )
    expect((await cli.ok('db status')).stdout).toContain('Use modelry of the version that made it.')
  })

  it('shows the steps in the order of their numbers, whichever is missing', async () => {
    const cli = await cliInFolder()
    await cli.ok('db migrate')
    inDatabase(cli.folder, 'delete from schema_migrations where number = 2')
    const { stdout } = await cli.ok('db status')
    expect(stdout).toMatch(/ 1 .*applied.*\n +2 .*missing.*\n +3 .*applied/)
  })

  it('is the only one that changes tables where the configuration says so', async () => {
    const cli = await cliInFolder()
    const env = { MODELRY_MIGRATIONS: 'check' }
    const refused = await cli('list', { env })
    expect(refused).toMatchObject({ code: 1 })
    expect(refused.stderr).toContain('schema-older')
    expect(refused.stderr).toContain('modelry db migrate')
    expect(existsSync(join(cli.folder, '.modelry/registry.db'))).toBe(false)
    await cli.ok('db migrate', { env })
    await cli.ok('list', { env })
  })

  it('is what modelry fix runs where that kept the last command from its database', async () => {
    const cli = await cliInFolder()
    const env = { MODELRY_MIGRATIONS: 'check' }
    expect((await cli('list', { env })).stderr).toContain('modelry fix')
    const planned = await cli('fix', { env })
    expect(planned.stdout).toContain('Plan: run-migrations')
    expect(planned.stdout).toMatch(/Run the migrations that \S+ lacks:\s+1 registry/)
    expect(existsSync(join(cli.folder, '.modelry/registry.db'))).toBe(false)
    expect((await cli.ok('fix --yes', { env })).stdout).toContain('Fixed: the same command can succeed.')
    await cli.ok('list', { env })
    expect((await cli.ok('fix --yes', { env })).stdout).toContain('has all migrations.')
  })
})

function inDatabase(folder: string, sql: string): void {
  const database = new DatabaseSync(join(folder, '.modelry/registry.db'))
  database.exec(sql)
  database.close()
}
