import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cliInFolder } from '../cli.testing.js'
import { servingLostStore } from '../serving.testing.js'

describe('modelry deploy, active, rollback and deployments', () => {
  it('make a version active, show it, go back and list what was done', async () => {
    const cli = await cliInFolder()
    await cli.save('btc@1.0.0')
    await cli.save('btc@1.1.0')
    expect((await cli.ok('active btc --env production')).stdout).toBe(
      'No version of btc is active in production.\n',
    )
    expect((await cli.ok('active btc --env production --json')).json).toBeNull()
    expect((await cli.ok('deployments btc')).stdout).toBe('No deployment was made yet.\n')
    expect((await cli.ok('deploy btc@1.0.0 --env production --expect none')).stdout).toMatch(
      /^Active in production: btc@1\.0\.0, since \S+Z, by tester\.\n$/,
    )
    const second = await cli.ok('deploy btc@1.1.0 --env production --expect 1.0.0 --wait 1s')
    expect(second.stdout).toContain('Before it was 1.0.0; modelry rollback btc --env production goes back.')
    expect((await cli.ok('active btc --env production')).stdout).toContain('btc@1.1.0  active: production')
    expect((await cli.ok('rollback btc --env production --json')).json).toMatchObject({
      version: '1.0.0',
      status: 'active',
    })
    const { stdout } = await cli.ok('deployments btc --env production')
    expect(stdout.match(/1\.\d\.0 +production +\w+(?:, rollback)?/g)).toEqual([
      '1.0.0    production   active, rollback',
      '1.1.0    production   superseded',
      '1.0.0    production   superseded',
    ])
    expect((await cli.ok('deployments --limit 1 --json')).json).toMatchObject({
      nextCursor: expect.any(String),
    })
  })

  it('say that nothing changed where the version is active already', async () => {
    const cli = await cliInFolder()
    await cli.save('btc@1.0.0')
    await cli.ok('deploy btc@1.0.0 --env production')
    expect((await cli.ok('deploy btc@1.0.0 --env production')).stdout).toMatch(
      /^Nothing changed\. Active in production: btc@1\.0\.0, since /,
    )
    expect((await cli.ok('deploy btc@1.0.0 --env staging')).stdout).toMatch(/^Active in staging: /)
  })

  it('refuse what was not expected, what is not there and an environment that the policy does not name', async () => {
    const cli = await cliInFolder()
    await cli.save('btc@1.0.0')
    expect((await cli('deploy btc@1.0.0 --env production --expect 0.9.0 --json')).json).toMatchObject({
      code: 'CONCURRENT_DEPLOYMENT',
    })
    expect((await cli('deploy btc@2.0.0 --env production --json')).json).toMatchObject({
      code: 'DEPLOYMENT_FAILED',
    })
    expect((await cli('rollback btc --env production --json')).json).toMatchObject({
      code: 'DEPLOYMENT_FAILED',
    })
    await cli.write('modelry.config.json', '{"environments":{"production":{}}}')
    expect(await cli('deploy btc@1.0.0 --env productoin')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Did you mean production?'),
    })
  })

  it('carry the options that say where the registry is into the command that they name', async () => {
    const cli = await cliInFolder()
    for (const version of ['1.0.0', '1.1.0']) await cli.save(`btc@${version}`, "--home 'my home'")
    await cli.ok("deploy btc@1.0.0 --env production --home 'my home'")
    expect((await cli.ok("deploy btc@1.1.0 --env production --home 'my home'")).stdout).toContain(
      "modelry rollback btc --env production --home 'my home'",
    )
  })

  it('say of pending files how they are carried over, by a command that takes what it is given', async () => {
    const cli = await cliInFolder()
    const { url } = await servingLostStore(cli.folder, { fallback: { folder: join(cli.folder, 'kept') } })
    await cli.save('btc@1.0.0', `--server ${url}`)
    const { stdout } = await cli.ok(`deploy btc@1.0.0 --env production --server ${url}`)
    expect(stdout).toMatch(/still pending on one machine.* or by modelry sync there\.$/m)
  })
})
