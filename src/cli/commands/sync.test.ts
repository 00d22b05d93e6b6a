import { hostname } from 'node:os'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { lostStore } from '../../server/testing/lost-store.js'
import { cliInFolder } from '../cli.testing.js'

/** A version whose file waits in the folder `kept` for the store, which is away. */
async function withPending() {
  const cli = await cliInFolder()
  const { store } = lostStore()
  const { credentials, ...place } = typeof store === 'object' ? store : {}
  await cli.write('modelry.config.json', JSON.stringify({ store: place }))
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'key')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret')
  onTestFinished(() => void vi.unstubAllEnvs())
  await cli.write('model.json', '{"w":[1]}')
  const kept = { env: { MODELRY_FALLBACK_FOLDER: 'kept' } }
  await cli.ok('save model.json --id btc --version 1.0.0 --type lstm --input-shape 1 --output-shape 1', kept)
  return { cli, kept }
}

describe('modelry sync', () => {
  it('has nothing to do where nothing is pending', async () => {
    const cli = await cliInFolder()
    await cli.save('btc@1.0.0')
    expect((await cli.ok('sync')).stdout).toContain('Nothing is pending')
    expect((await cli.ok('sync --json')).json).toEqual({ items: [], elsewhere: [] })
  })

  it('fails without a folder of its own while files are pending, and says who has them and what to set', async () => {
    const { cli } = await withPending()
    const { code, stdout } = await cli('sync')
    expect(code).toBe(1)
    expect(stdout).not.toContain('Nothing is pending')
    expect(stdout).toContain('Nothing was carried over')
    expect(stdout).toMatch(new RegExp(`${hostname()}-[0-9a-f]{8} {2}1 file, 9 B`))
    expect(stdout).toContain('MODELRY_FALLBACK_FOLDER')
    const holder = expect.stringContaining(hostname())
    expect(await cli('sync --dry-run --json')).toMatchObject({
      code: 1,
      json: { items: [], elsewhere: [{ holder, files: 1, bytes: 9 }] },
    })
  })

  it('tells of what other folders keep besides its own', async () => {
    const { cli, kept } = await withPending()
    const { stdout } = await cli.ok('sync', { env: { MODELRY_FALLBACK_FOLDER: 'another' } })
    expect(stdout).toContain('Nothing is pending')
    expect(stdout).toMatch(new RegExp(`kept by\\n {2}${hostname()}-`))
    expect((await cli.ok('sync --dry-run', kept)).stdout).toMatch(
      /^1 file would be carried over to the store\.\n\nVERSION/,
    )
    expect((await cli.ok('sync --dry-run --json', kept)).json).toMatchObject({ elsewhere: [] })
  })
})
