import { describe, expect, it } from 'vitest'
import { cliInFolder } from '../cli.testing.js'

describe('modelry diff', () => {
  it('shows which metadata and which files differ', async () => {
    const cli = await cliInFolder()
    await cli.save('btc@1.0.0', '--accuracy 0.8')
    await cli.save('btc@1.1.0', '--accuracy 0.9 --tag team=quant')
    const { stdout } = await cli.ok('diff btc@1.0.0 btc@1.1.0')
    expect(stdout).toContain('btc  1.0.0 → 1.1.0: other files')
    expect(stdout).toMatch(/accuracy +0\.8 +0\.9/)
    expect(stdout).toMatch(/tags\S* +- +\S*quant/)
    expect(stdout).toMatch(/model\.json +changed/)
    expect((await cli.ok('diff btc@1.0.0 @latest --json')).json).toMatchObject({
      to: '1.1.0',
      identicalContent: false,
    })
  })

  it('says so when nothing differs', async () => {
    const cli = await cliInFolder()
    await cli.save('btc@1.0.0')
    expect((await cli.ok('diff btc@1.0.0 btc@latest')).stdout).toContain(
      'the same files\n\nThey do not differ.',
    )
  })

  it('needs two versions of one model', async () => {
    const cli = await cliInFolder()
    expect(await cli('diff a@1.0.0 b@1.0.0')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('two models'),
    })
    expect(await cli('diff a a@1.0.0')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Name both'),
    })
  })
})
