import { chmod, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { modelRecordSchema } from '../../domain/model-record.js'
import { cliInFolder } from '../cli.testing.js'
import { serving } from '../serving.testing.js'

describe('modelry verify', () => {
  it('reads every file, and ends with an error when one is not as it was saved', async () => {
    const cli = await cliInFolder()
    await cli.save('btc@1.0.0')
    expect((await cli.ok('verify btc@1.0.0')).stdout).toMatch(
      /^Verified btc@1\.0\.0: 1 file, \d+ B, each as it was saved\.\n$/,
    )
    expect((await cli.ok('verify btc --json')).json).toMatchObject({ version: '1.0.0', verified: true })
    const record = modelRecordSchema.parse((await cli.ok('get btc --json')).json)
    const place = join(cli.folder, '.modelry/artifacts', record.s3Path.slice('s3://'.length))
    await chmod(place, 0o644)
    await writeFile(place, 'x'.repeat(record.size))
    expect(await cli('verify btc --json')).toMatchObject({
      code: 1,
      json: { code: 'S3_DOWNLOAD_FAILED', cause: 'checksum-mismatch' },
    })
  })
  it.each(['on the stores', 'on a server'])(
    'lists every file that is not as it was saved, %s',
    async (where) => {
      const cli = await cliInFolder()
      for (const path of ['a.bin', 'b.bin', 'c.bin', 'd.bin'])
        await cli.write(`model/${path}`, path.repeat(9))
      await cli.ok('save model --id btc --version 1.0.0 --type lstm --input-shape 60,5 --output-shape 1')
      const { files } = modelRecordSchema.parse((await cli.ok('get btc --json')).json)
      const place = (path: string) => {
        const address = files.find((file) => file.path === path)?.address ?? ''
        return join(cli.folder, '.modelry/artifacts', address.slice('s3://'.length))
      }
      for (const [path, text] of [
        ['b.bin', 'x'.repeat(45)],
        ['d.bin', 'short'],
      ] as const) {
        await chmod(place(path), 0o644)
        await writeFile(place(path), text)
      }
      await rm(place('c.bin'))
      const server = where === 'on a server' ? `--server ${await serving(join(cli.folder, '.modelry'))}` : ''
      const { code, stdout, stderr } = await cli(`verify btc ${server}`)
      expect({ code, states: stdout.match(/\w+$/gm) }).toEqual({
        code: 1,
        states: ['STATE', 'ok', 'damaged', 'missing', 'damaged'],
      })
      expect(stderr).toContain('S3_DOWNLOAD_FAILED')
      expect(stderr).toContain('b.bin')
      const json = await cli(`verify btc --json ${server}`)
      expect(json.stderr).toBe('')
      expect(json).toMatchObject({
        code: 1,
        json: {
          code: 'S3_DOWNLOAD_FAILED',
          cause: 'checksum-mismatch',
          verified: false,
          files: [
            { path: 'a.bin', state: 'ok' },
            { path: 'b.bin', state: 'damaged' },
            { path: 'c.bin', state: 'missing' },
            { path: 'd.bin', state: 'damaged' },
          ],
        },
      })
    },
  )
})
