import { describe, expect, it } from 'vitest'
import { cliInFolder } from '../cli.testing.js'

describe('modelry config', () => {
  it('shows every value, where it comes from, and no secret', async () => {
    const cli = await cliInFolder()
    await cli.write('modelry.config.json', '{"bucket":"from-file","server":{"port":8000}}')
    const env = { MODELRY_TOKEN: 'hidden-token', MODELRY_SERVER: 'http://user:hunter2@127.0.0.1:1' }
    const there = (await cli.ok('config --store file:./models', { env })).stdout
    expect(there).toMatch(/^store +file:\S+\/models +--store$/m)
    // An option that names a store is closer by than a variable that names a server.
    expect(there).toMatch(/^remote\.url +- +default$/m)
    const { stdout } = await cli.ok('config', { env })
    expect(stdout).toMatch(/^bucket +from-file +\S+modelry\.config\.json$/m)
    expect(stdout).toMatch(/^server\.port +8000 +\S+modelry\.config\.json$/m)
    expect(stdout).toMatch(/^actor +tester +MODELRY_ACTOR$/m)
    expect(stdout).toMatch(/^saveLeaseMs +60000 +default$/m)
    expect(stdout).toMatch(/^remote\.token +\*\*\* +MODELRY_TOKEN$/m)
    expect(stdout).not.toMatch(/hidden-token|hunter2/)
    expect((await cli.ok('config --json', { env })).stdout).not.toMatch(/hidden-token|hunter2/)
  })

  it('shows a store in S3 as its address, or with the options that an address has no place for', async () => {
    const cli = await cliInFolder()
    const address = 's3://ml-models/a?region=eu-central-1'
    const { stdout } = await cli.ok(`config --store '${address}'`)
    expect(stdout).toMatch(/^store +s3:\/\/ml-models\/a\?region=eu-central-1 +--store$/m)
    expect(stdout).toMatch(/^bucket +ml-models +default$/m)
    await cli.write(
      'modelry.config.json',
      '{"store":{"bucket":"ml-models","limits":{"single":1000},"retry":{"attempts":2}}}',
    )
    expect((await cli.ok('config --json')).json).toMatchObject({
      store: { value: { address: 's3://ml-models?singleLimit=1000', retry: { attempts: 2 } } },
    })
  })

  it('shows the default of what is in force once a folder or a server is named', async () => {
    const cli = await cliInFolder()
    const { stdout } = await cli.ok('config')
    expect(stdout).toMatch(/^fallback\.maxBytes +10737418240 +default$/m)
    expect(stdout).toMatch(/^remote\.transfer +direct +default$/m)
    // Given without a folder, it is not in force.
    const given = await cli.ok('config', { env: { MODELRY_FALLBACK_MAX_BYTES: '5' } })
    expect(given.stdout).toMatch(/^fallback\.maxBytes +- +MODELRY_FALLBACK_MAX_BYTES$/m)
    expect((await cli.ok('list --help')).stdout.replace(/\s+/g, ' ')).toContain(
      '--db <address> where metadata is kept: sqlite:./registry.db, postgres://user@host:5432/database or supabase',
    )
  })

  it('refuses what cannot be in force', async () => {
    const cli = await cliInFolder()
    expect((await cli('config --store gs://bucket/x --json')).json).toMatchObject({
      code: 'MODEL_VALIDATION_FAILED',
    })
  })
})
