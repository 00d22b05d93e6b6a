import { describe, expect, it } from 'vitest'
import { cliInFolder } from '../cli.testing.js'

describe('modelry list', () => {
  it('says how to begin when nothing is saved', async () => {
    const cli = await cliInFolder()
    expect((await cli.ok('list')).stdout).toContain('No version is saved yet. modelry save --help')
    expect((await cli.ok('list --tag x')).stdout).toBe('No version matches.\n')
  })

  it('lists what matches every filter, in the order that is asked for', async () => {
    const cli = await cliInFolder()
    await cli.save('a@1.0.0', '--tag team=quant --accuracy 0.5')
    await cli.save('b@1.0.0', '--tag team=vision --accuracy 0.9')
    await cli.save('b@1.1.0', "--description 'night model'")
    await cli.ok('deploy a@1.0.0 --env production')
    const refs = async (options: string) => (await cli.ok(`list ${options}`)).stdout.match(/^[ab] +[\d.]+/gm)
    expect(await refs('')).toEqual(['b      1.1.0', 'b      1.0.0', 'a      1.0.0'])
    expect(await refs('--order accuracy')).toHaveLength(2)
    expect(await refs('--tag team=quant')).toHaveLength(1)
    expect(await refs('--env production --status active')).toHaveLength(1)
    expect(await refs('--query night')).toHaveLength(1)
    expect(await refs('--type neural')).toBeNull()
    expect((await cli.ok('list')).stdout).toContain('active: production')
  })

  it('goes page by page, or through all pages at once', async () => {
    const cli = await cliInFolder()
    for (const version of ['1.0.0', '1.1.0', '1.2.0']) await cli.save(`a@${version}`)
    const first = (await cli.ok('list --limit 2 --json')).json
    expect(first).toEqual({ items: [expect.anything(), expect.anything()], nextCursor: expect.any(String) })
    const { stdout } = await cli.ok('list --limit 2')
    const cursor = /--cursor (\S+)/.exec(stdout)?.[1]
    expect((await cli.ok(`list --limit 2 --cursor ${cursor} --json`)).json).toEqual({
      items: [expect.anything()],
    })
    expect((await cli.ok('list --limit 1 --all --json')).json).toEqual({
      items: [expect.anything(), expect.anything(), expect.anything()],
    })
    expect((await cli('list --cursor nonsense --json')).json).toMatchObject({
      code: 'MODEL_VALIDATION_FAILED',
    })
  })
})
