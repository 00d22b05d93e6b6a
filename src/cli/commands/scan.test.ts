import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cliInFolder } from '../cli.testing.js'
import { Interruption } from '../interruption.js'

describe('modelry scan', () => {
  it('says when all is well, and lists what belongs to nothing and what is missing', async () => {
    const cli = await cliInFolder()
    await cli.save('btc@1.0.0')
    expect((await cli.ok('scan')).stdout).toContain('Clean: ')
    await rm(join(cli.folder, '.modelry/artifacts/models/btc'), { recursive: true })
    await cli.write('.modelry/artifacts/models/stray/file.bin', 'abc')
    const { stdout } = await cli.ok('scan')
    expect(stdout).toContain('2 findings')
    expect(stdout).toMatch(/orphaned-object +3 B +s3:\/\/models\/stray\/file\.bin/)
    expect(stdout).toMatch(/missing-file +btc@1\.0\.0/)
    expect((await cli.ok('scan --json')).json).toMatchObject({
      items: [expect.anything(), expect.anything()],
    })
  })
  it('says nothing when it is interrupted', async () => {
    const cli = await cliInFolder()
    await cli.write('.modelry/artifacts/models/stray/file.bin', 'abc')
    const signal = AbortSignal.abort(new Interruption('SIGTERM'))
    expect(await cli('scan', { signal })).toMatchObject({ code: 143, stdout: '', stderr: '' })
  })
})
