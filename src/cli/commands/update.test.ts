import { describe, expect, it } from 'vitest'
import { cliInFolder } from '../cli.testing.js'

describe('modelry update', () => {
  it('changes the description and single tags, and keeps the others', async () => {
    const cli = await cliInFolder()
    await cli.save('btc@1.0.0', '--tag team=quant --tag draft=')
    const { stdout } = await cli.ok(
      "update btc@1.0.0 --description 'Trained on 2025' --tag owner=anna --untag draft",
    )
    expect(stdout).toContain('Trained on 2025')
    expect((await cli.ok('get btc --json')).json).toHaveProperty('tags', { team: 'quant', owner: 'anna' })
    const { json } = await cli.ok("update btc@1.0.0 --description '' --json")
    expect(json).not.toHaveProperty('description')
    expect(json).toHaveProperty('tags', { team: 'quant', owner: 'anna' })
  })

  it('needs something to change, and a version that is there', async () => {
    const cli = await cliInFolder()
    expect(await cli('update btc@1.0.0')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('nothing to change'),
    })
    expect((await cli('update btc@1.0.0 --tag a=b --json')).json).toMatchObject({ code: 'MODEL_NOT_FOUND' })
  })
})
