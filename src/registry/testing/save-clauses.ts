import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  DuplicateModelError,
  InvalidS3PathError,
  ModelValidationError,
  S3UploadError,
} from '../../errors/index.js'
import { fromParts } from '../../sources/from-parts.js'
import { fromStored } from '../../sources/from-stored.js'
import { metadata, type RegistryFixture } from './registry-fixture.js'

export function saveClauses(t: RegistryFixture): void {
  describe('saveModel', () => {
    it('gives back a record with the files, their sha256 and a derived address', async () => {
      const record = await t.save('1.0.0', { accuracy: 0.93, tags: { team: 'quant' } })
      const [file] = record.files
      expect(record).toMatchObject({
        modelId: 'btc-lstm',
        version: '1.0.0',
        number: 1,
        accuracy: 0.93,
        tags: { team: 'quant' },
        deploymentStatus: 'inactive',
        aliases: [],
        environments: [],
      })
      expect(file?.path).toBe('model.json')
      expect(file?.sha256).toBe(createHash('sha256').update('{"version":"1.0.0"}').digest('hex'))
      expect(record.s3Path).toBe(file?.address)
      const below = t.under.chosenBelow ?? 's3://models'
      expect(record.s3Path.slice(0, below.length)).toBe(below)
      expect(record.s3Path.slice(below.length)).toMatch(/^\/btc-lstm\/1\.0\.0\/[0-9a-f-]{36}\/model\.json$/)
    })

    it('takes a string, bytes, a Blob, a web stream and a generator', async () => {
      async function* generated() {
        yield new Uint8Array([1, 2])
        yield new Uint8Array([3])
      }
      const sources = {
        '1.0.0': 'text',
        '1.0.1': new Uint8Array([1, 2, 3]),
        '1.0.2': new Blob([new Uint8Array([1, 2, 3])]),
        '1.0.3': new Blob([new Uint8Array([1, 2, 3])]).stream(),
        '1.0.4': generated(),
      }
      for (const [version, model] of Object.entries(sources)) {
        await t.registry.saveModel(model, { ...metadata, version })
        const loaded = await t.registry.loadModel('btc-lstm', version)
        const bytes = await loaded.bytes()
        expect([...bytes]).toEqual(version === '1.0.0' ? [...Buffer.from('text')] : [1, 2, 3])
      }
    })

    it('keeps several named parts under one address', async () => {
      const record = await t.registry.saveModel(
        fromParts({ 'weights/w.bin': new Uint8Array(5), 'model.json': { a: 1 } }),
        metadata,
      )
      expect(record.files.map((file) => file.path)).toEqual(['model.json', 'weights/w.bin'])
      for (const file of record.files) expect(file.address).toBe(`${record.s3Path}/${file.path}`)
      expect(record.size).toBe(record.files.reduce((sum, file) => sum + file.size, 0))
    })

    it('writes to the address that the caller gives, once', async () => {
      const s3Path = t.given('model.json')
      const record = await t.save('1.0.0', { s3Path })
      expect(record.s3Path).toBe(s3Path)
      const error = await t.save('1.1.0', { s3Path }).catch((e) => e)
      expect(error).toBeInstanceOf(S3UploadError)
      expect(error.reason.id).toBe('object-exists')
      expect(await t.registry.getModel('btc-lstm', '1.1.0')).toBeNull()
      expect(await (await t.registry.loadModel('btc-lstm', '1.0.0')).json()).toEqual({ version: '1.0.0' })
    })

    it('registers an object that is in the store without copying it, and leaves it there', async () => {
      const first = await t.save('1.0.0', { s3Path: t.given('given.json') })
      const record = await t.registry.saveModel(fromStored(first.s3Path), { ...metadata, modelId: 'other' })
      expect(record.files[0]).toMatchObject({ address: first.s3Path, ownership: 'caller' })
      expect(record.files[0]?.sha256).toBe(first.files[0]?.sha256)
      await t.registry.deleteModel('other', '1.0.0')
      expect(await t.registry.getModel('btc-lstm', '1.0.0')).not.toBeNull()
    })

    it('keeps the media type of each part, of one that is in the store as well', async () => {
      const { s3Path } = await t.save('1.0.0', { s3Path: t.given('given.json') })
      const parts = {
        'a.json': fromStored(s3Path),
        'b.json': {},
        'c.own': fromStored(s3Path, { mediaType: 'text/csv' }),
      }
      const record = await t.registry.saveModel(fromParts(parts), { ...metadata, modelId: 'other' })
      expect(record.files.map(({ path, mediaType }) => [path, mediaType])).toEqual([
        ['a.json', 'application/json'],
        ['b.json', 'application/json'],
        ['c.own', 'text/csv'],
      ])
    })

    it('keeps the bytes of a version that was registered with those of another, when that one is deleted', async () => {
      const first = await t.save('1.0.0')
      await t.registry.saveModel(fromStored(first.s3Path), { ...metadata, version: '1.1.0' })
      await t.registry.deleteModel('btc-lstm', '1.0.0')
      expect(await t.registry.getModel('btc-lstm', '1.1.0', { verify: 'content' })).not.toBeNull()
      expect(await t.findings()).toEqual([])
    })

    it('refuses an s3Path other than that of the stored object', async () => {
      const { s3Path } = await t.save('1.0.0')
      const error = await t.registry
        .saveModel(fromStored(s3Path), { ...metadata, version: '1.1.0', s3Path: t.given('x.json') })
        .catch((e) => e)
      expect(error).toBeInstanceOf(ModelValidationError)
      expect(error.message).toContain(s3Path)
    })

    it('refuses to register what is not in the store', async () => {
      const error = await t.registry
        .saveModel(fromStored(t.given('nothing/here.bin')), metadata)
        .catch((e) => e)
      expect(error).toBeInstanceOf(S3UploadError)
      expect(error.reason.id).toBe('object-missing')
      expect(await t.registry.getModel('btc-lstm', '1.0.0')).toBeNull()
    })

    it('reports every problem of the metadata at once and writes nothing', async () => {
      const bad = {
        modelId: '../up',
        version: 'v1',
        modelType: 'LSTM',
        inputShape: ['60'],
        outputShape: [1],
        accuracy: 93,
        colour: 'red',
      }
      const error = await t.registry.saveModel({}, JSON.parse(JSON.stringify(bad))).catch((e) => e)
      expect(error).toBeInstanceOf(ModelValidationError)
      const paths = error.context.validationErrors.map((problem: { path: string }) => problem.path)
      expect(paths.sort()).toEqual(['accuracy', 'colour', 'inputShape.0', 'modelId', 'modelType', 'version'])
      expect(error.outcome).toBe('not-applied')
      expect(await t.registry.listModels()).toHaveLength(0)
    })

    it('refuses an address that is none with InvalidS3PathError', async () => {
      const error = await t.save('1.0.0', { s3Path: 'invalid-path' }).catch((e) => e)
      expect(error).toBeInstanceOf(InvalidS3PathError)
      expect(error.context.invalidPath).toBe('invalid-path')
    })

    it.each([
      's3://bucket/../up',
      's3://bucket/a/./b',
      's3://bucket//b',
      's3://bucket/a\\..\\b',
      's3://bucket/nul\0',
      's3://bucket/con',
      's3://b',
      's3://bucket/',
      'S3://bucket/key',
      's3://bucket/a/\u2024\u2024/b',
    ])('refuses the address %j', async (s3Path) => {
      await expect(t.save('1.0.0', { s3Path })).rejects.toBeInstanceOf(InvalidS3PathError)
    })

    it('refuses a version that exists, and says whether the content is the same and what comes next', async () => {
      await t.save('1.0.0', {}, { w: 1 })
      const same = await t.save('1.0.0', {}, { w: 1 }).catch((e) => e)
      const other = await t.save('1.0.0', {}, { w: 2 }).catch((e) => e)
      expect(same).toBeInstanceOf(DuplicateModelError)
      expect(same.context).toMatchObject({
        modelId: 'btc-lstm',
        version: '1.0.0',
        nextVersion: '1.1.0',
        identical: true,
      })
      expect(other.context.identical).toBe(false)
    })

    it('lets one of many saves of the same version win and leaves no bytes of the others', async () => {
      const attempts = Array.from({ length: 8 }, (_, index) =>
        t.save('1.0.0', {}, { index }).then(
          () => 'saved',
          (e) => e,
        ),
      )
      const results = await Promise.all(attempts)
      expect(results.filter((result) => result === 'saved')).toHaveLength(1)
      for (const result of results) if (result !== 'saved') expect(result).toBeInstanceOf(DuplicateModelError)
      expect(await t.findings()).toEqual([])
    })

    it('refuses a name that differs from another only in case', async () => {
      await t.save('1.0.0')
      await expect(t.save('1.0.0', { modelId: 'BTC-lstm' })).rejects.toBeInstanceOf(ModelValidationError)
    })

    it('records nothing when the source fails, and frees the version', async () => {
      async function* failing() {
        yield randomBytes(1000)
        throw new TypeError('the tape broke')
      }
      const error = await t.registry.saveModel(failing(), metadata).catch((e) => e)
      expect(error).toBeInstanceOf(S3UploadError)
      expect(error.reason.id).toBe('source-failed')
      expect(await t.registry.getModel('btc-lstm', '1.0.0')).toBeNull()
      // A server takes note a moment later that the bytes have ended.
      await expect.poll(() => t.findings(), { timeout: 10_000 }).toEqual([])
      await t.save('1.0.0')
    })

    it('ends when its signal fires, and takes back what it wrote', async () => {
      const controller = new AbortController()
      async function* endless() {
        for (;;) yield new Uint8Array(65_536)
      }
      const error = await t.registry
        .saveModel(endless(), metadata, {
          signal: controller.signal,
          onProgress: ({ bytes }) => {
            if (bytes > 1_000_000) controller.abort()
          },
        })
        .catch((e) => e)
      expect(error).toBeInstanceOf(S3UploadError)
      expect(error.reason.id).toBe('aborted')
      await expect.poll(() => t.findings(), { timeout: 10_000 }).toEqual([])
      await t.save('1.0.0')
    })

    it('reports progress up to the size of the model', async () => {
      const seen: number[] = []
      const bytes = randomBytes(3_000_000)
      await t.registry.saveModel(new Uint8Array(bytes), metadata, {
        onProgress: (progress) => seen.push(progress.bytes),
      })
      expect(seen.at(-1)).toBe(bytes.length)
      expect([...seen].sort((a, b) => a - b)).toEqual(seen)
    })

    it('keeps pre-releases and build metadata apart', async () => {
      for (const version of ['1.0.0-rc.1', '1.0.0+a', '1.0.0+b', '1.0.0']) await t.save(version)
      expect((await t.registry.getModelVersions('btc-lstm')).map((record) => record.version).at(-1)).toBe(
        '1.0.0-rc.1',
      )
      expect((await t.registry.getModel('btc-lstm', '1.0.0+a'))?.version).toBe('1.0.0+a')
    })
  })
}
