import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { temporaryFolder } from '../test/support/temporary-folder.js'
import { createModelRegistry, exportRegistry, importRegistry, type RegistryOptions } from './compose.js'
import { metadata } from './registry/testing/registry-fixture.js'
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

describe('exportRegistry and importRegistry', () => {
  it('move a registry from one home to another, and tell how far they are', async () => {
    const folder = await inFolder()
    const registry = await createModelRegistry({ home: './one' })
    const record = await registry.saveModel({ w: [1, 2] }, metadata)
    await registry.close()
    const seen: (number | undefined)[] = []
    const report = await exportRegistry({
      to: './moving',
      registry: { home: './one' },
      onProgress: ({ bytes, totalBytes }) => seen.push(bytes, totalBytes),
    })
    expect(report).toMatchObject({ place: join(folder, 'moving'), counts: { versions: 1 } })
    expect(seen).toEqual([record.size, record.size])
    await importRegistry({ from: 'file:moving', registry: { home: './other' } })
    const other = await createModelRegistry({ home: './other' })
    onTestFinished(() => other.close())
    expect(await other.getModel('btc-lstm', '1.0.0')).toEqual(record)
  })

  it('refuse a registry that a server keeps, and a place that cannot be one', async () => {
    await inFolder()
    vi.stubEnv('MODELRY_SERVER', 'http://127.0.0.1:9')
    await expect(exportRegistry({ to: './moving' })).rejects.toMatchObject({
      code: 'MODEL_VALIDATION_FAILED',
    })
    vi.unstubAllEnvs()
    for (const from of ['s3://No_Bucket', 's3:', './nothing-there'])
      await expect(importRegistry({ from })).rejects.toMatchObject({ code: 'MODEL_VALIDATION_FAILED' })
    expect(existsSync('nothing-there')).toBe(false)
  })
})

it('refuses a spool where no folder can be made, before an outage finds out', async () => {
  const folder = await inFolder()
  await writeFile('taken', '')
  const opened = createModelRegistry({
    home: './one',
    store: 's3://ml-models?region=us-east-1',
    fallback: { folder: './taken/spool' },
  })
  const error = await opened.catch((e) => e)
  expect(error).toMatchObject({ code: 'MODEL_VALIDATION_FAILED' })
  expect(error.message).toContain(`${join(folder, 'taken')} is a file`)
})
