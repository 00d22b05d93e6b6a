import { describe, expect, it } from 'vitest'
import { cliInFolder } from '../cli.testing.js'

describe('modelry history', () => {
  it('lists who did what, newest first, to everything, a model or a version', async () => {
    const cli = await cliInFolder()
    expect((await cli.ok('history')).stdout).toBe('Nothing was done yet.\n')
    await cli.save('a@1.0.0')
    await cli.save('b@1.0.0')
    await cli.ok('alias set a@1.0.0 champion --actor anna')
    const actions = async (ref: string) =>
      (await cli.ok(`history ${ref}`)).stdout
        .match(/(?:anna|tester) +[\w-]+ +[ab]/g)
        ?.map((line) => line.replace(/ +/g, ' '))
    expect(await actions('')).toEqual(['anna alias-set a', 'tester saved b', 'tester saved a'])
    expect(await actions('b')).toEqual(['tester saved b'])
    expect(await actions('a@1.0.0')).toEqual(['anna alias-set a', 'tester saved a'])
    expect((await cli.ok('history --limit 1 --json')).json).toMatchObject({
      items: [{ actor: 'anna' }],
      nextCursor: expect.any(String),
    })
  })
})
