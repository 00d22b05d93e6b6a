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

  it('refuses a database that is newer than the program, and says so', async () => {
    const cli = await cliInFolder()
    await cli.ok('db migrate')
    const database = new DatabaseSync(join(cli.folder, '.modelry/registry.db'))
    database.exec(
      "insert into schema_migrations (number, name, checksum, applied_at) values (999, 'later', 'x', 0)",
    )
    database.close()
    const refused = await cli('db status')
    expect(refused).toMatchObject({ code: 1 })
    expect(refused.stderr).toContain('schema-newer')
  })
})
