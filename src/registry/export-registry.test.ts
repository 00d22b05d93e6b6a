import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checksumMismatch, objectMissing } from '../errors/causes/objects.js'
import { S3DownloadError } from '../errors/index.js'
import type { Bytes } from '../ports/artifact-store.js'
import { failureOf } from '../ports/testing/metadata/metadata-subject.js'
import { inPlace, readManifest } from './export-place.js'
import { RowsFile } from './rows-file.js'
import { engineWith } from './testing/engine-with.js'
import { metadata } from './testing/registry-fixture.js'
import { damage, fillRegistry, folderPlace, pathOf } from './testing/transfer-fixture.js'

describe('exportRegistry', () => {
  it('writes the rows, each content once, and the manifest that counts them', async () => {
    const engine = await engineWith()
    await fillRegistry(engine)
    const place = await folderPlace()
    const report = await engine.exportTo(place)
    expect(report).toMatchObject({
      place: place.root,
      counts: { models: 3, versions: 4, files: 8, deployments: 4, aliases: 1, tokens: 1 },
      // The weights of one model are the same in both versions, and two models have the same model.json.
      copied: { files: 6 },
      reused: 2,
    })
    const manifest = await readManifest(place)
    expect(manifest).toMatchObject({ id: report.id, counts: report.counts, place: { bucket: 'models' } })
    const files = await readdir(join(place.root, 'registry/files'), { recursive: true, withFileTypes: true })
    expect(files.filter((entry) => entry.isFile())).toHaveLength(6)
    const rows = await readFile(pathOf(place.root, inPlace(place, manifest.rows.key)), 'utf8')
    for (const line of rows.trimEnd().split('\n')) expect(line).toMatch(/^\{"row":"\w+",/)
  })

  it('copies no file twice, and the newest export is the one that is read', async () => {
    const engine = await engineWith()
    await fillRegistry(engine)
    const place = await folderPlace()
    const first = await engine.exportTo(place)
    await engine.registry.saveModel({ more: true }, { ...metadata, version: '3.0.0' })
    const second = await engine.exportTo(place)
    expect(second).toMatchObject({ copied: { files: 1 }, reused: 8 })
    expect((await readManifest(place)).id).toBe(second.id)
    expect((await readManifest(place, first.id)).counts.versions).toBe(4)
  })

  it('exports an empty registry', async () => {
    const engine = await engineWith()
    const place = await folderPlace()
    const { counts } = await engine.exportTo(place)
    expect(Object.values(counts).every((count) => count === 0)).toBe(true)
    expect((await readManifest(place)).rows.size).toBe(0)
  })

  it('leaves the tokens out where that is asked for', async () => {
    const engine = await engineWith()
    await fillRegistry(engine)
    const place = await folderPlace()
    expect((await engine.exportTo(place, { withoutTokens: true })).counts.tokens).toBe(0)
  })

  it('reads the rows anew when a version is deleted before its files are copied', async () => {
    let deleteIt: (() => Promise<unknown>) | undefined
    const engine = await engineWith({
      artifacts: (real) => ({
        open: async (...args) => {
          const once = deleteIt
          deleteIt = undefined
          await once?.()
          return real.open(...args)
        },
      }),
    })
    await fillRegistry(engine)
    const place = await folderPlace()
    deleteIt = () => engine.registry.deleteModel('team/vad', '0.1.0-rc.1')
    const report = await engine.exportTo(place)
    expect(report.counts).toMatchObject({ models: 2, versions: 3 })
    // The second time only what was not there the first time is looked at.
    expect(report.copied.files + report.reused).toBeLessThanOrEqual(8)
    const manifest = await readManifest(place)
    const names = new Set<string>()
    for await (const row of new RowsFile(place, manifest.rows, undefined).rows())
      if (row.row === 'version') {
        names.add(row.modelId)
        for (const { sha256 } of row.files)
          await readFile(join(place.root, 'registry/files', sha256.slice(0, 2), sha256))
      }
    expect([...names]).toEqual(['btc-lstm', 'eth-lstm'])
    expect(await readdir(join(place.root, 'registry/exports', report.id))).toHaveLength(2)
  })

  it('says which file of which version is missing or damaged, and leaves no manifest', async () => {
    for (const [reason, harm] of [
      [objectMissing, 'remove'],
      [checksumMismatch, 'damage'],
    ] as const) {
      let damaged: string | undefined
      const engine = await engineWith({
        artifacts: (real) => ({
          async open(address, options) {
            const content = await real.open(address, options)
            return address === damaged ? flipped(content) : content
          },
        }),
      })
      await fillRegistry(engine)
      const record = await engine.registry.getModel('eth-lstm', '1.0.0')
      const file = record?.files.find(({ path }) => path === 'weights.bin')
      if (file === undefined) throw new TypeError('no such file')
      if (harm === 'remove') await engine.artifacts.delete(file.address)
      else damaged = file.address
      const place = await folderPlace()
      const error = await failureOf(engine.exportTo(place))
      expect(error).toBeInstanceOf(S3DownloadError)
      expect(error).toMatchObject({
        reason,
        context: { modelId: 'eth-lstm', version: '1.0.0', file: 'weights.bin', s3Path: file.address },
      })
      await expect(readManifest(place)).rejects.toMatchObject({ code: 'MODEL_VALIDATION_FAILED' })
    }
  })

  it('replaces a damaged file of an earlier export when it is to look at them', async () => {
    const engine = await engineWith()
    await fillRegistry(engine)
    const place = await folderPlace()
    await engine.exportTo(place)
    const record = await engine.registry.getModel('eth-lstm', '1.0.0')
    const sha256 = record?.files.find(({ path }) => path === 'weights.bin')?.sha256 ?? ''
    await damage(join(place.root, 'registry/files', sha256.slice(0, 2), sha256))
    expect((await engine.exportTo(place)).copied.files).toBe(0)
    expect((await engine.exportTo(place, { recheck: true })).copied.files).toBe(1)
    const other = await engineWith()
    expect((await other.importFrom(place)).names.imported).toBe(4)
  })

  it('removes what exports have left that were cut off more than a day ago, and nothing younger', async () => {
    const engine = await engineWith()
    await fillRegistry(engine)
    const place = await folderPlace()
    const whole = await engine.exportTo(place)
    const left = [
      'registry/exports/old/rows-1.ndjson',
      'registry/exports/young/rows-1.ndjson',
      '.incoming/upload',
    ]
    for (const path of left) {
      await mkdir(join(place.root, dirname(path)), { recursive: true })
      await writeFile(join(place.root, path), 'half')
    }
    const old = new Date(Date.now() - 25 * 3_600_000)
    for (const path of [left[0], left[2]]) await utimes(join(place.root, `${path}`), old, old)
    const next = await engine.exportTo(place)
    expect((await readdir(join(place.root, 'registry/exports'))).sort()).toEqual(
      [whole.id, next.id, 'young'].sort(),
    )
    expect(await readdir(join(place.root, '.incoming'))).toEqual([])
  })

  it('ends when it is aborted, and leaves no manifest', async () => {
    const engine = await engineWith()
    await fillRegistry(engine)
    const place = await folderPlace()
    const abort = new AbortController()
    const onProgress = () => abort.abort()
    await failureOf(engine.exportTo(place, { signal: abort.signal, onProgress }))
    await expect(readManifest(place)).rejects.toMatchObject({ code: 'MODEL_VALIDATION_FAILED' })
    await engine.exportTo(place)
  })
})

/** The bytes with one bit of each piece changed. */
async function* flipped(content: Bytes): Bytes & AsyncGenerator<Uint8Array> {
  for await (const piece of content) yield piece.map((byte, i) => (i === 0 ? byte ^ 1 : byte))
}
