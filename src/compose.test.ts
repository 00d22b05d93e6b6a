import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { temporaryFolder } from '../test/support/temporary-folder.js'
import { createModelRegistry, type RegistryOptions } from './compose.js'
import { saved } from './server/testing/saved.js'
import { served } from './server/testing/served.js'

/** A folder in which the program runs. */
async function inFolder(): Promise<string> {
  const folder = await temporaryFolder()
  const before = process.cwd()
  process.chdir(folder)
  onTestFinished(() => process.chdir(before))
  return folder
}

async function idsIn(options?: RegistryOptions): Promise<string[]> {
  const registry = await createModelRegistry(options)
  onTestFinished(() => registry.close())
  return (await registry.listModels()).map(({ modelId }) => modelId)
}

describe('createModelRegistry', () => {
  it('uses the server that MODELRY_SERVER names, as the command line in the same folder does', async () => {
    const { url } = await served()
    await saved(url)
    const folder = await inFolder()
    vi.stubEnv('MODELRY_SERVER', url)
    onTestFinished(() => void vi.unstubAllEnvs())
    expect(await idsIn({ actor: 'somebody' })).toEqual(['btc-lstm'])
    expect(existsSync(join(folder, '.modelry'))).toBe(false)
  })

  it('uses the server that modelry.config.json names', async () => {
    const { url } = await served()
    await saved(url)
    const folder = await inFolder()
    await writeFile(join(folder, 'modelry.config.json'), JSON.stringify({ remote: { url } }))
    expect(await idsIn()).toEqual(['btc-lstm'])
  })

  it('opens its own stores where the program names a place for them, whatever else is named', async () => {
    const folder = await inFolder()
    vi.stubEnv('MODELRY_SERVER', 'http://127.0.0.1:9')
    onTestFinished(() => void vi.unstubAllEnvs())
    expect(await idsIn({ home: join(folder, 'here') })).toEqual([])
    expect(await idsIn({ db: `sqlite:${join(folder, 'there.db')}` })).toEqual([])
  })
})
