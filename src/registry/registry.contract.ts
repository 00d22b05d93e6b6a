import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ModelMetadata } from '../domain/metadata.js'
import type { ModelFile } from '../domain/model-record.js'
import type { Environments } from '../domain/policy.js'
import {
  ConcurrentDeploymentError,
  DatabaseError,
  DeploymentError,
  DuplicateModelError,
  InvalidS3PathError,
  ModelNotFoundError,
  ModelRegistryError,
  ModelValidationError,
  S3DownloadError,
  S3UploadError,
} from '../errors/index.js'
import { fromParts } from '../sources/from-parts.js'
import { fromStored } from '../sources/from-stored.js'
import type { Registry } from './registry.js'

/** A registry under test, and what a person with a shell on its machine could do to its files. */
export interface RegistryUnderTest {
  readonly registry: Registry
  /** Changes one byte of a stored file. */
  damage(file: ModelFile): Promise<void>
  /** Removes a stored file. */
  remove(file: ModelFile): Promise<void>
  close(): Promise<void>
}

const metadata: ModelMetadata = {
  modelId: 'btc-lstm',
  version: '1.0.0',
  modelType: 'lstm',
  inputShape: [60, 5],
  outputShape: [1],
}

/** What every way to a registry must do: in this process and over HTTP alike. */
export function registryContract(
  way: string,
  open: (settings: { environments?: Environments }) => Promise<RegistryUnderTest>,
): void {
  describe(`Registry contract: ${way}`, () => {
    let under: RegistryUnderTest
    let registry: Registry
    const start = async (settings: { environments?: Environments } = {}) => {
      under = await open(settings)
      registry = under.registry
    }
    const save = (version: string, more: Partial<ModelMetadata> = {}, model: unknown = { version }) =>
      registry.saveModel(JSON.parse(JSON.stringify(model)), { ...metadata, version, ...more })
    beforeEach(() => start())
    afterEach(() => under.close())

    describe('saveModel', () => {
      it('gives back a record with the files, their sha256 and a derived address', async () => {
        const record = await save('1.0.0', { accuracy: 0.93, tags: { team: 'quant' } })
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
        expect(record.s3Path).toMatch(/^s3:\/\/models\/btc-lstm\/1\.0\.0\/[0-9a-f-]{36}\/model\.json$/)
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
          await registry.saveModel(model, { ...metadata, version })
          const loaded = await registry.loadModel('btc-lstm', version)
          const bytes = await loaded.bytes()
          expect([...bytes]).toEqual(version === '1.0.0' ? [...Buffer.from('text')] : [1, 2, 3])
        }
      })

      it('keeps several named parts under one address', async () => {
        const record = await registry.saveModel(
          fromParts({ 'weights/w.bin': new Uint8Array(5), 'model.json': { a: 1 } }),
          metadata,
        )
        expect(record.files.map((file) => file.path)).toEqual(['model.json', 'weights/w.bin'])
        for (const file of record.files) expect(file.address).toBe(`${record.s3Path}/${file.path}`)
        expect(record.size).toBe(record.files.reduce((sum, file) => sum + file.size, 0))
      })

      it('writes to the address that the caller gives, once', async () => {
        const s3Path = 's3://trillbot-models/model.json'
        const record = await save('1.0.0', { s3Path })
        expect(record.s3Path).toBe(s3Path)
        const error = await save('1.1.0', { s3Path }).catch((e) => e)
        expect(error).toBeInstanceOf(S3UploadError)
        expect(error.reason.id).toBe('object-exists')
        expect(await registry.getModel('btc-lstm', '1.1.0')).toBeNull()
        expect(await (await registry.loadModel('btc-lstm', '1.0.0')).json()).toEqual({ version: '1.0.0' })
      })

      it('registers an object that is in the store without copying it, and leaves it there', async () => {
        const first = await save('1.0.0', { s3Path: 's3://elsewhere/given.json' })
        const record = await registry.saveModel(fromStored(first.s3Path), { ...metadata, modelId: 'other' })
        expect(record.files[0]).toMatchObject({ address: first.s3Path, ownership: 'caller' })
        expect(record.files[0]?.sha256).toBe(first.files[0]?.sha256)
        await registry.deleteModel('other', '1.0.0')
        expect(await registry.getModel('btc-lstm', '1.0.0')).not.toBeNull()
      })

      it('refuses to register what is not in the store', async () => {
        const error = await registry
          .saveModel(fromStored('s3://nowhere/at/all.bin'), metadata)
          .catch((e) => e)
        expect(error).toBeInstanceOf(S3UploadError)
        expect(error.reason.id).toBe('object-missing')
        expect(await registry.getModel('btc-lstm', '1.0.0')).toBeNull()
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
        const error = await registry.saveModel({}, JSON.parse(JSON.stringify(bad))).catch((e) => e)
        expect(error).toBeInstanceOf(ModelValidationError)
        const paths = error.context.validationErrors.map((problem: { path: string }) => problem.path)
        expect(paths.sort()).toEqual([
          'accuracy',
          'colour',
          'inputShape.0',
          'modelId',
          'modelType',
          'version',
        ])
        expect(error.outcome).toBe('not-applied')
        expect(await registry.listModels()).toHaveLength(0)
      })

      it('refuses an address that is none with InvalidS3PathError', async () => {
        const error = await save('1.0.0', { s3Path: 'invalid-path' }).catch((e) => e)
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
        await expect(save('1.0.0', { s3Path })).rejects.toBeInstanceOf(InvalidS3PathError)
      })

      it('refuses a version that exists, and says whether the content is the same and what comes next', async () => {
        await save('1.0.0', {}, { w: 1 })
        const same = await save('1.0.0', {}, { w: 1 }).catch((e) => e)
        const other = await save('1.0.0', {}, { w: 2 }).catch((e) => e)
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
          save('1.0.0', {}, { index }).then(
            () => 'saved',
            (e) => e,
          ),
        )
        const results = await Promise.all(attempts)
        expect(results.filter((result) => result === 'saved')).toHaveLength(1)
        for (const result of results)
          if (result !== 'saved') expect(result).toBeInstanceOf(DuplicateModelError)
        expect(await findings(registry)).toEqual([])
      })

      it('refuses a name that differs from another only in case', async () => {
        await save('1.0.0')
        await expect(save('1.0.0', { modelId: 'BTC-lstm' })).rejects.toBeInstanceOf(ModelValidationError)
      })

      it('records nothing when the source fails, and frees the version', async () => {
        async function* failing() {
          yield randomBytes(1000)
          throw new TypeError('the tape broke')
        }
        const error = await registry.saveModel(failing(), metadata).catch((e) => e)
        expect(error).toBeInstanceOf(S3UploadError)
        expect(error.reason.id).toBe('source-failed')
        expect(await registry.getModel('btc-lstm', '1.0.0')).toBeNull()
        expect(await findings(registry)).toEqual([])
        await save('1.0.0')
      })

      it('ends when its signal fires, and takes back what it wrote', async () => {
        const controller = new AbortController()
        async function* endless() {
          for (;;) yield new Uint8Array(65_536)
        }
        const error = await registry
          .saveModel(endless(), metadata, {
            signal: controller.signal,
            onProgress: ({ bytes }) => {
              if (bytes > 1_000_000) controller.abort()
            },
          })
          .catch((e) => e)
        expect(error).toBeInstanceOf(S3UploadError)
        expect(error.reason.id).toBe('aborted')
        await expect.poll(() => findings(registry), { timeout: 10_000 }).toEqual([])
        await save('1.0.0')
      })

      it('reports progress up to the size of the model', async () => {
        const seen: number[] = []
        const bytes = randomBytes(3_000_000)
        await registry.saveModel(new Uint8Array(bytes), metadata, {
          onProgress: (progress) => seen.push(progress.bytes),
        })
        expect(seen.at(-1)).toBe(bytes.length)
        expect([...seen].sort((a, b) => a - b)).toEqual(seen)
      })

      it('keeps pre-releases and build metadata apart', async () => {
        for (const version of ['1.0.0-rc.1', '1.0.0+a', '1.0.0+b', '1.0.0']) await save(version)
        expect((await registry.getModelVersions('btc-lstm')).map((record) => record.version).at(-1)).toBe(
          '1.0.0-rc.1',
        )
        expect((await registry.getModel('btc-lstm', '1.0.0+a'))?.version).toBe('1.0.0+a')
      })
    })

    describe('getModel', () => {
      it('answers null for a model or version that is not there', async () => {
        expect(await registry.getModel('nobody', '1.0.0')).toBeNull()
        await save('1.0.0')
        expect(await registry.getModel('btc-lstm', '2.0.0')).toBeNull()
        expect(await registry.getModel('btc-lstm', 'champion')).toBeNull()
      })

      it('finds the highest stable version as latest, by precedence and not by text', async () => {
        for (const version of ['9.0.0', '10.0.0', '11.0.0-rc.1']) await save(version)
        expect((await registry.getModel('btc-lstm', 'latest'))?.version).toBe('10.0.0')
        await registry.archiveModel('btc-lstm', '10.0.0')
        expect((await registry.getModel('btc-lstm', 'latest'))?.version).toBe('9.0.0')
      })

      it('raises S3DownloadError when a file is missing, unless it is told not to look', async () => {
        const record = await save('1.0.0')
        for (const file of record.files) await under.remove(file)
        const error = await registry.getModel('btc-lstm', '1.0.0').catch((e) => e)
        expect(error).toBeInstanceOf(S3DownloadError)
        expect(error.context).toMatchObject({ s3Path: record.s3Path, modelId: 'btc-lstm', version: '1.0.0' })
        expect(error.reason.id).toBe('object-missing')
        expect((await registry.getModel('btc-lstm', '1.0.0', { verify: 'none' }))?.version).toBe('1.0.0')
      })

      it('finds damage when it reads the content', async () => {
        const record = await save('1.0.0')
        for (const file of record.files) await under.damage(file)
        expect(await registry.getModel('btc-lstm', '1.0.0')).not.toBeNull()
        const error = await registry.getModel('btc-lstm', '1.0.0', { verify: 'content' }).catch((e) => e)
        expect(error).toBeInstanceOf(S3DownloadError)
        expect(error.reason.id).toBe('checksum-mismatch')
      })

      it.each(['../up', 'a/b/c', '', 'a\\b', 'a\0', '.hidden', 'ｂｔｃ', 'a'.repeat(300)])(
        'refuses the name %j',
        async (modelId) => {
          await expect(registry.getModel(modelId, '1.0.0')).rejects.toBeInstanceOf(ModelValidationError)
        },
      )
    })

    describe('loadModel', () => {
      it('gives JSON, text, bytes and a stream', async () => {
        await save('1.0.0', {}, { layers: [1, 2] })
        const loaded = await registry.loadModel('btc-lstm', 'latest')
        expect(await loaded.json()).toEqual({ layers: [1, 2] })
        expect(await loaded.text('model.json')).toBe('{"layers":[1,2]}')
        expect(await new Response(loaded.stream()).text()).toBe('{"layers":[1,2]}')
        expect(await new Response(loaded.stream('model.json', { range: { start: 2, end: 8 } })).text()).toBe(
          'layers',
        )
      })

      it('writes the files into a folder', async () => {
        const folder = await mkdtemp(join(tmpdir(), 'modelry-contract-'))
        try {
          await registry.saveModel(fromParts({ 'a/b.bin': new Uint8Array([7]), 'c.json': [1] }), metadata)
          const loaded = await registry.loadModel('btc-lstm', '1.0.0')
          const written = await loaded.saveTo(folder)
          expect(written).toEqual([join(folder, 'a/b.bin'), join(folder, 'c.json')])
          expect([...(await readFile(join(folder, 'a/b.bin')))]).toEqual([7])
        } finally {
          await rm(folder, { recursive: true })
        }
      })

      it('never hands out all bytes of a damaged file', async () => {
        const record = await registry.saveModel(new Uint8Array(randomBytes(500_000)), metadata)
        for (const file of record.files) await under.damage(file)
        const loaded = await registry.loadModel('btc-lstm', '1.0.0')
        await expect(loaded.bytes()).rejects.toBeInstanceOf(S3DownloadError)
        let received = 0
        const reading = (async () => {
          for await (const piece of loaded.stream()) received += piece.length
        })()
        await expect(reading).rejects.toBeInstanceOf(S3DownloadError)
        expect(received).toBeLessThan(record.size)
      })

      it('names the files that there are when another is asked for', async () => {
        await save('1.0.0')
        const loaded = await registry.loadModel('btc-lstm', '1.0.0')
        const error = await loaded.json('weights.bin').catch((e) => e)
        expect(error).toBeInstanceOf(S3DownloadError)
        expect(error.message).toContain('model.json')
      })

      it('raises ModelNotFoundError with the versions that there are', async () => {
        await save('1.2.0')
        const error = await registry.loadModel('btc-lstm', '1.2.1').catch((e) => e)
        expect(error).toBeInstanceOf(ModelNotFoundError)
        expect(error.context).toMatchObject({ availableVersions: ['1.2.0'], didYouMean: ['1.2.0'] })
        const misspelt = await registry.loadModel('btc-lstn', '1.2.0').catch((e) => e)
        expect(misspelt.context.didYouMean).toEqual(['btc-lstm'])
      })
    })

    describe('listModels', () => {
      it('pages through everything once, in every order', async () => {
        for (let n = 0; n < 7; n++) await save(`1.${n}.0`, { modelId: `m${n % 3}`, accuracy: n / 10 })
        for (const orderBy of ['newest', 'oldest', 'model', 'accuracy'] as const) {
          const seen: string[] = []
          let cursor: string | undefined
          do {
            const page = await registry.listModels({ limit: 2, orderBy, cursor })
            expect(page.length).toBeLessThanOrEqual(2)
            seen.push(...page.map((record) => `${record.modelId}@${record.version}`))
            cursor = page.nextCursor
          } while (cursor !== undefined)
          expect(new Set(seen).size).toBe(7)
          expect(seen).toHaveLength(7)
        }
      })

      it('filters by type, tag, text, status and environment', async () => {
        await save('1.0.0', { modelId: 'a', tags: { team: 'quant' }, description: 'Hourly closing prices' })
        await save('1.0.0', { modelId: 'b', modelType: 'transformer', tags: { team: 'nlp' } })
        await save('1.0.0', { modelId: 'c' })
        await registry.archiveModel('c', '1.0.0')
        await registry.deployModel('b', '1.0.0', { environment: 'production' })
        const names = async (query: Parameters<Registry['listModels']>[0]) =>
          (await registry.listModels(query)).map((record) => record.modelId)
        expect(await names({ modelType: 'transformer' })).toEqual(['b'])
        expect(await names({ tag: 'team=quant' })).toEqual(['a'])
        expect(await names({ tag: 'team', orderBy: 'model' })).toEqual(['a', 'b'])
        expect(await names({ query: 'closing' })).toEqual(['a'])
        expect(await names({ deploymentStatus: 'archived' })).toEqual(['c'])
        expect(await names({ deploymentStatus: 'active' })).toEqual(['b'])
        expect(await names({ deploymentStatus: 'inactive' })).toEqual(['a'])
        expect(await names({ environment: 'production' })).toEqual(['b'])
      })

      it.each([
        { limit: 0 },
        { limit: 1001 },
        { cursor: 'not-a-cursor' },
        { orderBy: 'size' },
        { color: 'red' },
      ])('refuses %j', async (query) => {
        await expect(registry.listModels(JSON.parse(JSON.stringify(query)))).rejects.toBeInstanceOf(
          ModelValidationError,
        )
      })
    })

    describe('versions, aliases and metadata', () => {
      it('moves an alias and finds the version by it', async () => {
        await save('1.0.0')
        await save('2.0.0')
        await registry.setAlias('btc-lstm', 'champion', '1.0.0')
        const record = await registry.setAlias('btc-lstm', 'champion', '2.0.0')
        expect(record.aliases).toEqual(['champion'])
        expect((await registry.getModel('btc-lstm', 'champion'))?.version).toBe('2.0.0')
        await registry.removeAlias('btc-lstm', 'champion')
        expect(await registry.getModel('btc-lstm', 'champion')).toBeNull()
        await expect(registry.removeAlias('btc-lstm', 'champion')).rejects.toBeInstanceOf(ModelNotFoundError)
      })

      it.each(['latest', '1.0.0', '../up', 'Champion', ''])('refuses the alias %j', async (alias) => {
        await save('1.0.0')
        await expect(registry.setAlias('btc-lstm', alias, '1.0.0')).rejects.toBeInstanceOf(
          ModelValidationError,
        )
      })

      it('changes description and tags, and nothing else', async () => {
        await save('1.0.0', { tags: { a: '1' }, description: 'old' })
        const record = await registry.updateMetadata('btc-lstm', '1.0.0', {
          description: 'new',
          tags: { b: '2' },
        })
        expect(record).toMatchObject({ description: 'new', tags: { b: '2' } })
        const cleared = await registry.updateMetadata('btc-lstm', '1.0.0', { description: null })
        expect(cleared.description).toBeUndefined()
        expect(cleared.tags).toEqual({ b: '2' })
        const change = JSON.parse('{"accuracy":1}')
        await expect(registry.updateMetadata('btc-lstm', '1.0.0', change)).rejects.toBeInstanceOf(
          ModelValidationError,
        )
      })

      it('tells two versions apart', async () => {
        await save('1.0.0', { accuracy: 0.8, hyperparameters: { units: 32, lr: 0.1 } })
        await save('1.1.0', { accuracy: 0.9, hyperparameters: { units: 64, lr: 0.1 } })
        const diff = await registry.diffVersions('btc-lstm', '1.0.0', '1.1.0')
        expect(diff.metadata).toEqual([
          { path: 'accuracy', from: 0.8, to: 0.9 },
          { path: 'hyperparameters.units', from: 32, to: 64 },
        ])
        expect(diff.files).toMatchObject([{ path: 'model.json', change: 'changed' }])
        expect(diff.identicalContent).toBe(false)
      })

      it('deletes a version with its bytes, and lets the name be used again', async () => {
        await save('1.0.0')
        await registry.deleteModel('btc-lstm', '1.0.0')
        expect(await registry.getModel('btc-lstm', '1.0.0')).toBeNull()
        expect(await findings(registry)).toEqual([])
        await expect(registry.deleteModel('btc-lstm', '1.0.0')).rejects.toBeInstanceOf(ModelNotFoundError)
        await save('1.0.0')
      })

      it('neither deletes nor archives a version that is active', async () => {
        await save('1.0.0')
        await registry.deployModel('btc-lstm', '1.0.0', { environment: 'production' })
        for (const attempt of [
          registry.deleteModel('btc-lstm', '1.0.0'),
          registry.archiveModel('btc-lstm', '1.0.0'),
        ]) {
          const error = await attempt.catch((e) => e)
          expect(error).toBeInstanceOf(DeploymentError)
          expect(error.reason.id).toBe('version-active')
        }
        expect(await registry.getModel('btc-lstm', '1.0.0')).not.toBeNull()
      })

      it('archives and restores', async () => {
        await save('1.0.0')
        expect((await registry.archiveModel('btc-lstm', '1.0.0')).deploymentStatus).toBe('archived')
        const error = await registry
          .deployModel('btc-lstm', '1.0.0', { environment: 'production' })
          .catch((e) => e)
        expect(error).toBeInstanceOf(DeploymentError)
        expect(error.reason.id).toBe('version-archived')
        expect((await registry.restoreModel('btc-lstm', '1.0.0')).deploymentStatus).toBe('inactive')
      })
    })

    describe('deployments', () => {
      it('makes one version active at a time', async () => {
        await save('1.0.0')
        await save('2.0.0')
        const first = await registry.deployModel('btc-lstm', '1.0.0', { environment: 'production' })
        const second = await registry.deployModel('btc-lstm', '2.0.0', { environment: 'production' })
        expect(second).toMatchObject({ status: 'active', previousId: first.id, previousVersion: '1.0.0' })
        expect(second.fence).toBeGreaterThan(first.fence)
        expect((await registry.getActiveModel('btc-lstm', 'production'))?.version).toBe('2.0.0')
        expect(await registry.getActiveModel('btc-lstm', 'staging')).toBeNull()
        const all = await registry.listDeployments({ modelId: 'btc-lstm' })
        expect(all.map(({ version, status }) => [version, status])).toEqual([
          ['2.0.0', 'active'],
          ['1.0.0', 'superseded'],
        ])
      })

      it('changes nothing when the version is active already', async () => {
        await save('1.0.0')
        const first = await registry.deployModel('btc-lstm', '1.0.0', { environment: 'production' })
        const again = await registry.deployModel('btc-lstm', '1.0.0', { environment: 'production' })
        expect(again.id).toBe(first.id)
        expect(await registry.listDeployments({ modelId: 'btc-lstm' })).toHaveLength(1)
      })

      it('is a DeploymentError when the version is not there', async () => {
        const error = await registry
          .deployModel('nobody', '1.0.0', { environment: 'production' })
          .catch((e) => e)
        expect(error).toBeInstanceOf(DeploymentError)
        expect(error.context).toMatchObject({
          modelId: 'nobody',
          version: '1.0.0',
          environment: 'production',
        })
      })

      it('compares before it sets', async () => {
        await save('1.0.0')
        await save('2.0.0')
        await registry.deployModel('btc-lstm', '1.0.0', { environment: 'production', expectedActive: null })
        const error = await registry
          .deployModel('btc-lstm', '2.0.0', { environment: 'production', expectedActive: null })
          .catch((e) => e)
        expect(error).toBeInstanceOf(ConcurrentDeploymentError)
        expect(error.reason.id).toBe('expected-version-not-active')
        await registry.deployModel('btc-lstm', '2.0.0', {
          environment: 'production',
          expectedActive: '1.0.0',
        })
      })

      it('goes back one deployment at a time', async () => {
        for (const version of ['1.0.0', '2.0.0', '3.0.0']) {
          await save(version)
          await registry.deployModel('btc-lstm', version, { environment: 'production' })
        }
        const back = await registry.rollbackDeployment('btc-lstm', 'production')
        expect(back.version).toBe('2.0.0')
        expect(back.rollbackOf).toBeDefined()
        expect((await registry.rollbackDeployment('btc-lstm', 'production')).version).toBe('1.0.0')
        const error = await registry.rollbackDeployment('btc-lstm', 'production').catch((e) => e)
        expect(error).toBeInstanceOf(DeploymentError)
        expect(error.reason.id).toBe('nothing-to-roll-back-to')
        expect((await registry.getActiveModel('btc-lstm', 'production'))?.version).toBe('1.0.0')
      })

      it('refuses a version that fails its smoke test, and keeps what was active', async () => {
        await save('1.0.0')
        await save('2.0.0')
        await registry.deployModel('btc-lstm', '1.0.0', {
          environment: 'production',
          smokeTest: async (model) => expect(await model.json()).toEqual({ version: '1.0.0' }),
        })
        const failing = [
          () => false,
          () => {
            throw new RangeError('NaN in the output')
          },
        ]
        for (const smokeTest of failing) {
          const error = await registry
            .deployModel('btc-lstm', '2.0.0', { environment: 'production', smokeTest })
            .catch((e) => e)
          expect(error).toBeInstanceOf(DeploymentError)
          expect(error.reason.id).toBe('smoke-test-failed')
          expect((await registry.getActiveModel('btc-lstm', 'production'))?.version).toBe('1.0.0')
        }
      })

      it('refuses a version whose files are gone', async () => {
        const record = await save('1.0.0')
        for (const file of record.files) await under.remove(file)
        const error = await registry
          .deployModel('btc-lstm', '1.0.0', { environment: 'production' })
          .catch((e) => e)
        expect(error).toBeInstanceOf(DeploymentError)
        expect(error.reason.id).toBe('files-missing')
      })

      it('lets many deployments at once end in one active version', async () => {
        const versions = ['1.0.0', '2.0.0', '3.0.0', '4.0.0']
        for (const version of versions) await save(version)
        const results = await Promise.all(
          versions.map((version) =>
            registry
              .deployModel('btc-lstm', version, { environment: 'production', waitMs: 10_000 })
              .catch((e) => e),
          ),
        )
        for (const result of results) expect(result).not.toBeInstanceOf(Error)
        const deployments = await registry.listDeployments({ environment: 'production' })
        expect(deployments.filter(({ status }) => status === 'active')).toHaveLength(1)
        expect(deployments).toHaveLength(4)
      })

      it('holds to the policy of the environment', async () => {
        await under.close()
        await start({
          environments: {
            staging: {},
            production: { minimumMetrics: { accuracy: 0.9 }, mustHaveBeenActiveIn: 'staging' },
          },
        })
        await save('1.0.0', { accuracy: 0.8 })
        const error = await registry
          .deployModel('btc-lstm', '1.0.0', { environment: 'production' })
          .catch((e) => e)
        expect(error).toBeInstanceOf(DeploymentError)
        expect(error.reason.id).toBe('policy-not-met')
        expect(error.message).toContain('0.8')
        expect(error.message).toContain('staging')
        await save('1.1.0', { accuracy: 0.95 })
        await registry.deployModel('btc-lstm', '1.1.0', { environment: 'staging' })
        await registry.deployModel('btc-lstm', '1.1.0', { environment: 'production' })
        const unknown = await registry
          .deployModel('btc-lstm', '1.1.0', { environment: 'prodution' })
          .catch((e) => e)
        expect(unknown.reason.id).toBe('environment-unknown')
        expect(unknown.context.didYouMean).toEqual(['production'])
      })
    })

    describe('history, events and health', () => {
      it('tells who did what', async () => {
        await registry.saveModel({ w: 1 }, metadata)
        await registry.deployModel('btc-lstm', '1.0.0', { environment: 'production' })
        await registry.setAlias('btc-lstm', 'champion', '1.0.0')
        const entries = await registry.listHistory({ modelId: 'btc-lstm' })
        expect(entries.map((entry) => entry.action)).toEqual(['alias-set', 'deployed', 'saved'])
        for (const entry of entries) expect(entry.actor).not.toBe('')
      })

      it('emits events after the fact', async () => {
        const seen: string[] = []
        registry.events.on('saved', ({ record }) => seen.push(`saved ${record.version}`))
        registry.events.on('deployed', ({ deployment }) => seen.push(`deployed ${deployment.version}`))
        registry.events.on('rolled-back', ({ deployment }) =>
          seen.push(`rolled back to ${deployment.version}`),
        )
        registry.events.on('archived', ({ record }) => seen.push(`archived ${record.version}`))
        registry.events.on('deleted', ({ version }) => seen.push(`deleted ${version}`))
        await save('1.0.0')
        await save('2.0.0')
        await registry.deployModel('btc-lstm', '1.0.0', { environment: 'production' })
        await registry.deployModel('btc-lstm', '2.0.0', { environment: 'production' })
        await registry.rollbackDeployment('btc-lstm', 'production')
        await registry.archiveModel('btc-lstm', '2.0.0')
        await registry.deleteModel('btc-lstm', '2.0.0')
        await expect
          .poll(() => seen)
          .toEqual([
            'saved 1.0.0',
            'saved 2.0.0',
            'deployed 1.0.0',
            'deployed 2.0.0',
            'rolled back to 1.0.0',
            'archived 2.0.0',
            'deleted 2.0.0',
          ])
      })

      it('is healthy, and refuses calls once closed', async () => {
        expect((await registry.health()).status).toBe('ok')
        await registry.close()
        const error = await registry.getModel('btc-lstm', '1.0.0').catch((e) => e)
        expect(error).toBeInstanceOf(DatabaseError)
        expect(error).toBeInstanceOf(ModelRegistryError)
        expect(error.reason.id).toBe('store-closed')
      })

      it('lists objects that no version accounts for, and files that are gone', async () => {
        const record = await save('1.0.0')
        const [file] = record.files
        if (file === undefined) throw new TypeError('a saved version has files')
        await under.remove(file)
        expect(await findings(registry)).toEqual([`missing-file ${file.address}`])
      })
    })
  })
}

async function findings(registry: Registry): Promise<string[]> {
  const found: string[] = []
  for await (const finding of registry.scan()) found.push(`${finding.is} ${finding.address ?? ''}`)
  return found
}
