import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { modelRecordSchema } from '../../domain/model-record.js'
import { cliInFolder } from '../cli.testing.js'

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
})
