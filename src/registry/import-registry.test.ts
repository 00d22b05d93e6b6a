import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checksumMismatch, objectExists } from '../errors/causes/objects.js'
import { DuplicateModelError, S3DownloadError, S3UploadError } from '../errors/index.js'
import { failureOf } from '../ports/testing/metadata/metadata-subject.js'
import { type ExportPlace, inPlace, readManifest } from './export-place.js'
import { engineWith } from './testing/engine-with.js'
import { metadata } from './testing/registry-fixture.js'
import { damage, everythingOf, fillRegistry, folderPlace, pathOf } from './testing/transfer-fixture.js'

async function exported() {
  const engine = await engineWith()
  await fillRegistry(engine)
  const place = await folderPlace()
  await engine.exportTo(place)
  return { engine, place, everything: await everythingOf(engine.registry) }
}

const fileIn = (place: ExportPlace & { root: string }, sha256: string) =>
  join(place.root, 'registry/files', sha256.slice(0, 2), sha256)

describe('importRegistry', () => {
  it('makes a registry that answers as the exported one does', async () => {
    const { place, everything, engine } = await exported()
    const other = await engineWith()
    const report = await other.importFrom(place)
    expect(report).toMatchObject({
      dryRun: false,
      names: { imported: 4, present: 0, renumbered: 0 },
      copied: { files: 8 },
      there: 0,
      tokens: { added: 1, present: 0, kept: [] },
      mapped: [],
      clashes: [],
    })
    expect(await everythingOf(other.registry)).toEqual(everything)
    expect(await other.metadata.listTokens()).toEqual(await engine.metadata.listTokens())
    expect(await other.findings()).toEqual([])
    // What comes next goes on where the exported registry was.
    const next = [engine, other].map(({ registry }) =>
      registry.saveModel({ next: true }, { ...metadata, version: '9.0.0' }),
    )
    const [ours, theirs] = await Promise.all(next)
    expect(theirs?.number).toBe(ours?.number)
    const again = await Promise.all(
      [engine, other].map(({ registry }) =>
        registry.deployModel('btc-lstm', '9.0.0', { environment: 'production' }),
      ),
    )
    expect(again[1]).toEqual({ ...again[0], deployedAt: again[1]?.deployedAt })
  })

  it('changes nothing the second time', async () => {
    const { place } = await exported()
    const other = await engineWith()
    await other.importFrom(place)
    await other.registry.setAlias('btc-lstm', 'champion', '1.0.0')
    const before = await everythingOf(other.registry)
    expect(await other.importFrom(place)).toMatchObject({
      names: { imported: 0, present: 4 },
      copied: { files: 0 },
      tokens: { added: 0, present: 1 },
    })
    expect(await everythingOf(other.registry)).toEqual(before)
  })

  it('adds to a registry that has other models, which stay as they were', async () => {
    const { place, everything } = await exported()
    const other = await engineWith()
    await other.registry.saveModel({ mine: true }, { ...metadata, modelId: 'mine' })
    await other.registry.deployModel('mine', '1.0.0', { environment: 'production' })
    const mine = await other.registry.getModel('mine', '1.0.0')
    const report = await other.importFrom(place)
    expect(report.names).toMatchObject({ imported: 4 })
    expect(await other.registry.getModel('mine', '1.0.0')).toEqual(mine)
    const { versions } = await everythingOf(other.registry)
    for (const version of everything.versions) expect(versions).toContainEqual(version)
    expect(await other.registry.getActiveModel('btc-lstm', 'production')).toMatchObject({ version: '1.0.0' })
  })

  it('refuses a model that is there with other content, with both digests, and imports nothing', async () => {
    const { place, engine } = await exported()
    const ours = await engine.registry.getModel('eth-lstm', '1.0.0')
    const other = await engineWith()
    const theirs = await other.registry.saveModel({ other: true }, { ...metadata, modelId: 'eth-lstm' })
    const error = await failureOf(other.importFrom(place))
    expect(error).toBeInstanceOf(DuplicateModelError)
    expect(error).toMatchObject({
      context: {
        modelId: 'eth-lstm',
        version: '1.0.0',
        offered: ours?.digest,
        existing: theirs.digest,
        identical: false,
      },
    })
    expect((await other.registry.listModels()).map(({ modelId }) => modelId)).toEqual(['eth-lstm'])
    expect(await other.findings()).toEqual([])
  })

  it('says in a dry run what it would do, and changes nothing', async () => {
    const { place } = await exported()
    const other = await engineWith()
    expect(await other.importFrom(place, { dryRun: true })).toMatchObject({
      dryRun: true,
      names: { imported: 4, present: 0 },
      clashes: [],
    })
    await other.registry.saveModel({ other: true }, { ...metadata, modelId: 'eth-lstm' })
    await other.registry.saveModel({ other: true }, { ...metadata, modelId: 'Team/VAD' })
    const report = await other.importFrom(place, { dryRun: true })
    expect(report.names).toMatchObject({ imported: 2 })
    expect(report.clashes).toEqual([
      expect.objectContaining({ modelId: 'eth-lstm', version: '1.0.0' }),
      { modelId: 'team/vad', existing: 'Team/VAD' },
    ])
    expect(await other.registry.listModels()).toHaveLength(2)
  })

  it('notices one changed byte in a file, names it, and continues once the file is whole', async () => {
    const { place, engine, everything } = await exported()
    const record = await engine.registry.getModel('eth-lstm', '1.0.0')
    const sha256 = record?.files.find(({ path }) => path === 'weights.bin')?.sha256 ?? ''
    await damage(fileIn(place, sha256))
    const other = await engineWith()
    const error = await failureOf(other.importFrom(place))
    expect(error).toBeInstanceOf(S3DownloadError)
    expect(error).toMatchObject({
      reason: checksumMismatch,
      context: { modelId: 'eth-lstm', version: '1.0.0', file: 'weights.bin', expected: sha256 },
    })
    expect(await other.registry.getModel('eth-lstm', '1.0.0')).toBeNull()
    await damage(fileIn(place, sha256))
    await other.importFrom(place)
    expect(await everythingOf(other.registry)).toEqual(everything)
  })

  it('notices one changed byte in the rows and in the manifest before it writes anything', async () => {
    const { place } = await exported()
    const manifest = await readManifest(place)
    for (const key of [manifest.rows.key, `exports/${manifest.id}/manifest.json`]) {
      const path = pathOf(place.root, inPlace(place, key))
      await damage(path)
      const other = await engineWith()
      expect(await failureOf(other.importFrom(place))).toMatchObject({
        code: 'S3_DOWNLOAD_FAILED',
        reason: checksumMismatch,
      })
      expect(await other.registry.listModels()).toEqual([])
      expect(await other.findings()).toEqual([])
      await damage(path)
    }
    await (await engineWith()).importFrom(place)
  })

  it('does not overwrite what is at an address already', async () => {
    const { place, engine } = await exported()
    const record = await engine.registry.getModel('eth-lstm', '1.0.0')
    const address = record?.files[0]?.address
    if (address === undefined) throw new TypeError('no file')
    const other = await engineWith()
    await other.artifacts.put(
      address,
      (async function* () {
        yield new Uint8Array([1, 2, 3])
      })(),
    )
    const error = await failureOf(other.importFrom(place))
    expect(error).toBeInstanceOf(S3UploadError)
    expect(error).toMatchObject({ reason: objectExists, context: { s3Path: address, modelId: 'eth-lstm' } })
  })

  it('does not leave files in a spool when the store is away', async () => {
    const { place } = await exported()
    let spooled = 0
    const other = await engineWith({
      artifacts: (real) => ({
        put: async (...args) => {
          spooled++
          return { ...(await real.put(...args)), heldBy: 'this machine' }
        },
      }),
    })
    expect(await failureOf(other.importFrom(place))).toMatchObject({ code: 'S3_UNAVAILABLE' })
    expect(spooled).toBeGreaterThan(0)
    expect(await other.registry.listModels()).toEqual([])
    expect(await other.findings()).toEqual([])
  })

  it('puts files where a rule says, and says so', async () => {
    const { place, everything } = await exported()
    const other = await engineWith()
    const rule = { from: 's3://models', to: 's3://acme-models/moved' }
    const report = await other.importFrom(place, { map: [rule] })
    expect(report.mapped).toEqual([{ ...rule, files: 8 }])
    const moved = await everythingOf(other.registry)
    expect(moved.versions.map(({ bytes }) => bytes)).toEqual(everything.versions.map(({ bytes }) => bytes))
    for (const { record } of moved.versions) {
      expect(record.s3Path).toMatch(/^s3:\/\/acme-models\/moved\//)
      for (const { address } of record.files) expect(address).toMatch(/^s3:\/\/acme-models\/moved\//)
    }
    expect(moved.versions.map(({ record }) => record.digest)).toEqual(
      everything.versions.map(({ record }) => record.digest),
    )
  })

  it('refuses a place without an export, and says where one was cut off', async () => {
    const { engine, place } = await exported()
    const empty = await folderPlace()
    expect(String(await failureOf(engine.importFrom(empty)))).toContain('no whole export')
    const manifest = await readManifest(place)
    await place.store.delete(inPlace(place, `exports/${manifest.id}/manifest.json`))
    const error = await failureOf(engine.importFrom(place))
    expect(error).toMatchObject({ code: 'MODEL_VALIDATION_FAILED' })
    expect(String(error)).toContain('cut off')
  })
})
