import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cliInFolder } from '../cli.testing.js'

describe('modelry download', () => {
  it('writes the files into a folder named after the version, or where it is told', async () => {
    const cli = await cliInFolder()
    await cli.save('team/btc@1.0.0')
    const { stdout } = await cli.ok('download team/btc')
    expect(stdout).toContain('Downloaded team/btc@1.0.0: 1 file')
    expect(stdout).toContain('team-btc-1.0.0/model.json')
    expect(await readFile(join(cli.folder, 'team-btc-1.0.0/model.json'), 'utf8')).toContain('"1.0.0"')
    const folder = join(cli.folder, 'a/b')
    expect((await cli.ok('download team/btc@1.0.0 -o a/b --json')).json).toEqual({
      modelId: 'team/btc',
      version: '1.0.0',
      folder,
      files: [join(folder, 'model.json')],
    })
  })

  it('is refused where -o names a file, which stays as it is', async () => {
    const cli = await cliInFolder()
    await cli.save('btc@1.0.0')
    await cli.write('notes.txt', 'mine')
    expect(await cli('download btc -o notes.txt')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/that path is a file,\s+and\s+-o\s+names\s+a\s+folder/),
    })
    expect(await readFile(join(cli.folder, 'notes.txt'), 'utf8')).toBe('mine')
  })

  it('is refused for what is not there', async () => {
    const cli = await cliInFolder()
    expect(await cli('download btc --json')).toMatchObject({ code: 1, json: { code: 'MODEL_NOT_FOUND' } })
  })
})
