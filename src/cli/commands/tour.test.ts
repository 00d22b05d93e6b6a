import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { describe, expect, it } from 'vitest'
import { cliInFolder } from '../cli.testing.js'
import { Interruption } from '../interruption.js'

describe('modelry tour', () => {
  it('shows every step on a real registry, and leaves nothing behind', { timeout: 60_000 }, async () => {
    const cli = await cliInFolder()
    const { stdout } = await cli.ok('tour', { env: { MODELRY_STORE: 's3://never/used' } })
    expect(stdout.match(/^\d+\. .*$/gm)).toEqual([
      '1. Train a model',
      '2. Save two versions',
      '3. Compare them',
      '4. Deploy, deploy the better one, roll back',
      '5. Use the version that is active',
      '6. Damage a stored file',
      '7. Meet three errors',
      '8. Clean up',
    ])
    for (const code of [
      'S3_DOWNLOAD_FAILED',
      'DUPLICATE_MODEL',
      'MODEL_VALIDATION_FAILED',
      'MODEL_NOT_FOUND',
    ])
      expect(stdout).toContain(`${code}: `)
    expect(await readdir(cli.folder)).toEqual([])
    const home = /A registry in (\S+),/.exec(stdout)?.[1] ?? ''
    expect(await readdir(tmpdir())).not.toContain(home.slice(tmpdir().length + 1))
  })

  it('reports the same as JSON', { timeout: 60_000 }, async () => {
    const cli = await cliInFolder()
    expect((await cli.ok('tour --json')).json).toMatchObject({
      trained: 'here',
      versions: [
        { version: '1.0.0', files: 2 },
        { version: '1.1.0', files: 2 },
      ],
      activeAfter: { firstDeployment: '1.0.0', secondDeployment: '1.1.0', rollback: '1.0.0' },
      errors: [
        { code: 'S3_DOWNLOAD_FAILED', cause: 'checksum-mismatch' },
        { code: 'DUPLICATE_MODEL' },
        { code: 'MODEL_VALIDATION_FAILED' },
        { code: 'MODEL_NOT_FOUND' },
      ],
    })
  })
  it('leaves nothing behind and says nothing when it is interrupted while it trains', {
    timeout: 60_000,
  }, async () => {
    const cli = await cliInFolder()
    const control = new AbortController()
    const onOutput = () => control.abort(new Interruption('SIGINT'))
    const { code, stdout, stderr } = await cli('tour', { signal: control.signal, onOutput })
    expect({ code, stderr }).toEqual({ code: 130, stderr: '' })
    const home = /A registry in (\S+),/.exec(stdout)?.[1] ?? ''
    expect(await readdir(tmpdir())).not.toContain(home.slice(tmpdir().length + 1))
  })
})
