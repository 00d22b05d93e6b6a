import { describe, expect, it } from 'vitest'
import { cliInFolder } from '../cli.testing.js'

describe('modelry versions', () => {
  it('lists the versions of one model, highest first', async () => {
    const cli = await cliInFolder()
    for (const version of ['1.10.0', '1.9.0', '2.0.0-rc.1']) await cli.save(`btc@${version}`)
    const { stdout } = await cli.ok('versions btc')
    expect(stdout.match(/^\d\S+/gm)).toEqual(['2.0.0-rc.1', '1.10.0', '1.9.0'])
    expect((await cli.ok('versions btc --json')).json).toMatchObject({
      items: [{ version: '2.0.0-rc.1' }, {}, {}],
    })
  })

  it('is refused for a model that is not there, with the names that are near', async () => {
    const cli = await cliInFolder()
    await cli.save('btc@1.0.0')
    expect((await cli('versions btx --json')).json).toMatchObject({
      code: 'MODEL_NOT_FOUND',
      context: { didYouMean: ['btc'] },
    })
  })
})
