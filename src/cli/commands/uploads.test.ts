import { utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cliInFolder } from '../cli.testing.js'

const UPLOAD = '.modelry/artifacts/.incoming/0b7d1c52-6f7e-4a37-9a6c-111111111111'

describe('modelry uploads', () => {
  it('lists what broke off and ends it, once somebody says so', async () => {
    const cli = await cliInFolder()
    await cli.save('btc@1.0.0')
    expect((await cli.ok('uploads list')).stdout).toContain('Nothing is open')
    await cli.write(UPLOAD, 'abc')
    const listed = await cli.ok('uploads list')
    expect(listed.stdout).toContain('broken off')
    expect(listed.stdout).toContain('modelry uploads abort --older-than 1d')
    const tooYoung = await cli.ok('uploads abort --older-than 1d --yes')
    expect(tooYoung.stdout).toContain('each open upload got bytes more recently')
    expect((await cli.ok('uploads list --json')).json).toMatchObject({ items: [{ bytes: 3 }] })

    const longAgo = new Date(Date.now() - 2 * 3_600_000)
    await utimes(join(cli.folder, UPLOAD), longAgo, longAgo)
    const asked = await cli('uploads abort --older-than 1h')
    expect(asked).toMatchObject({ code: 2 })
    expect(asked.stderr).toContain('Add --yes')
    const { json } = await cli.ok('uploads abort --older-than 1h --yes --json')
    expect(json).toMatchObject({ items: [{ became: 'ended', at: expect.stringContaining('.incoming') }] })
    expect((await cli.ok('uploads list')).stdout).toContain('Nothing is open')
  })

  it('leaves alone what may be under way', async () => {
    const cli = await cliInFolder()
    await cli.save('btc@1.0.0')
    await cli.write(UPLOAD, 'abc')
    const ended = await cli(`uploads abort ${join(cli.folder, UPLOAD)} --yes --json`)
    expect(ended).toMatchObject({ code: 1, json: { items: [{ became: 'in-use' }] } })
  })

  it('says what it needs', async () => {
    const cli = await cliInFolder()
    expect(await cli('uploads abort --yes')).toMatchObject({ code: 2 })
    expect((await cli.ok('uploads abort --help')).stdout).toMatch(/folder\s+means\s+every\s+upload\s+below/)
  })

  it('fails when nothing has the name that it was given, and not when nothing is old enough', async () => {
    const cli = await cliInFolder()
    const named = await cli('uploads abort s3://models/mistyped --yes')
    expect(named).toMatchObject({ code: 1 })
    expect(named.stdout).toContain('no upload is open at s3://models/mistyped')
    expect(await cli('uploads abort s3://models/mistyped --json')).toMatchObject({
      code: 1,
      json: { items: [] },
    })
    expect((await cli.ok('uploads abort --older-than 1d')).stdout).toContain('no upload is open')
  })
})
