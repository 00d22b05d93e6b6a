import { describe, expect, it } from 'vitest'
import { cliInFolder } from '../cli.testing.js'

async function cliWithPolicy() {
  const cli = await cliInFolder()
  await cli.write('modelry.config.json', '{"environments":{"production":{"approvals":1}}}')
  await cli.save('btc@1.0.0')
  return cli
}
const as = (name: string) => ({ env: { MODELRY_ACTOR: name } })

describe('modelry approve', () => {
  it('lets another deploy what is refused before, by the command that the refusal names', async () => {
    const cli = await cliWithPolicy()
    const refused = await cli('deploy btc@1.0.0 --env production', as('ann'))
    expect(refused.code).not.toBe(0)
    expect(refused.stderr.replaceAll(/\s+/g, ' ')).toContain(
      'an approval by somebody other than ann is asked for, and nobody gave one',
    )
    const command = /modelry (approve \S+ --env \S+)/.exec(refused.stderr)?.[1] ?? ''
    await cli.ok(command, as('ann'))
    expect((await cli('deploy btc@1.0.0 --env production', as('ann'))).code).not.toBe(0)
    expect((await cli.ok(command, as('bob'))).stdout).toBe(
      'btc@1.0.0 is approved for production by ann, bob.\n',
    )
    expect((await cli.ok('get btc@1.0.0')).stdout).toMatch(/approved +production: ann, bob/)
    expect((await cli.ok('deploy btc@1.0.0 --env production', as('ann'))).stdout).toMatch(
      /, by ann, approved by bob\.\n$/,
    )
    expect((await cli.ok('deployments btc')).stdout).toContain('ann, approved by bob')
    expect((await cli.ok('history btc')).stdout).toMatch(/bob +approved +btc +1\.0\.0 +production/)
  })

  it('takes an approval back, also that of another', async () => {
    const cli = await cliWithPolicy()
    await cli.ok('approve btc 1.0.0 --environment production', as('bob'))
    await cli.ok('approve btc@1.0.0 --env production', as('cyd'))
    expect((await cli.ok('approve btc@1.0.0 --env production --revoke', as('cyd'))).stdout).toContain(
      'by bob.',
    )
    const { json } = await cli.ok('approve btc@1.0.0 --env production --revoke --of bob --json')
    expect(json).not.toHaveProperty('approvals')
    expect((await cli('deploy btc@1.0.0 --env production', as('ann'))).code).not.toBe(0)
  })

  it('says what is wrong with how it is called', async () => {
    const cli = await cliWithPolicy()
    await cli.ok('alias set btc@1.0.0 champion')
    for (const line of [
      'approve btc --env production',
      'approve btc@champion --env production',
      'approve btc@1.0.0',
      'approve btc@1.0.0 --env production --of bob',
    ])
      expect((await cli(line)).code).toBe(2)
    const unknown = await cli('approve btc@1.0.0 --env prodution')
    expect(unknown.stderr).toContain('DEPLOYMENT_FAILED')
    expect(unknown.stderr.replaceAll(/\s+/g, ' ')).toContain(
      'The approval of btc@1.0.0 in prodution was not made, because the configuration has no environment named prodution, only production.',
    )
    expect(unknown.stderr).toContain('Nothing was changed.')
    expect(unknown.stderr).not.toContain('still active')
  })
})
