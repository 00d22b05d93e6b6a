import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../test/support/temporary-folder.js'
import { parseModelId } from '../domain/model-id.js'
import { parseVersion } from '../domain/version.js'
import { S3DeleteError } from '../errors/index.js'
import { fromParts } from '../sources/from-parts.js'
import { engineWith } from './testing/engine-with.js'
import { metadata } from './testing/registry-fixture.js'

describe('deleteModel', () => {
  it('names the bytes that it could not remove, and removes them when it is called again', async () => {
    let away = true
    const { registry, findings } = await engineWith({
      artifacts: (real) => ({
        delete: (address) =>
          away && address.endsWith('b.bin')
            ? Promise.reject(new S3DeleteError({ s3Path: address }))
            : real.delete(address),
      }),
    })
    await registry.saveModel(fromParts({ 'a.json': {}, 'b.bin': new Uint8Array(3) }), metadata)
    const error = await registry.deleteModel('btc-lstm', '1.0.0').catch((e) => e)
    expect(error).toBeInstanceOf(S3DeleteError)
    expect(error.outcome).toBe('applied')
    expect(error.leftovers).toEqual([{ kind: 'object', at: expect.stringMatching(/b\.bin$/) }])
    expect(await registry.getModel('btc-lstm', '1.0.0')).toBeNull()
    expect(await findings()).toEqual([expect.stringMatching(/^unfinished-deletion/)])
    away = false
    await registry.deleteModel('btc-lstm', '1.0.0')
    expect(await findings()).toEqual([])
  })

  it('never removes what was saved at the same address afterwards', async () => {
    let away = true
    const { registry } = await engineWith({
      artifacts: (real) => ({
        delete: (address) =>
          away && address.endsWith('b.bin')
            ? Promise.reject(new S3DeleteError({ s3Path: address }))
            : real.delete(address),
      }),
    })
    const s3Path = 's3://given/place'
    await registry.saveModel(fromParts({ 'a.bin': 'one', 'b.bin': 'one' }), { ...metadata, s3Path })
    await registry.deleteModel('btc-lstm', '1.0.0').catch(() => {})
    const second = { ...metadata, version: '2.0.0', s3Path }
    const error = await registry
      .saveModel(fromParts({ 'a.bin': 'two', 'c.bin': 'two' }), second)
      .catch((e) => e)
    expect(error.reason.id).toBe('object-exists')
    away = false
    await Promise.all([registry.deleteModel('btc-lstm', '1.0.0'), registry.deleteModel('btc-lstm', '1.0.0')])
    await registry.saveModel(fromParts({ 'a.bin': 'two', 'c.bin': 'two' }), second)
    await registry.deleteModel('btc-lstm', '1.0.0').catch(() => {})
    expect(await registry.getModel('btc-lstm', '2.0.0', { verify: 'content' })).not.toBeNull()
  })

  it('is finished by the next save of the version when a crash interrupted it', async () => {
    const { registry, metadata: store, findings } = await engineWith()
    await registry.saveModel({ first: true }, metadata)
    await store.beginDeletion(parseModelId('btc-lstm'), parseVersion('1.0.0'), 'tester')
    await registry.saveModel({ second: true }, metadata)
    expect(await (await registry.loadModel('btc-lstm', '1.0.0')).json()).toEqual({ second: true })
    expect(await findings()).toEqual([])
  })

  it('ends where another process has ended the deletion, and removes nothing of the version that came after', async () => {
    const home = await temporaryFolder()
    const [reached, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const here = await engineWith({
      home,
      artifacts: (real) => ({
        async delete(address, options) {
          await real.delete(address, options)
          reached.resolve()
          await go.promise
        },
      }),
    })
    const elsewhere = await engineWith({ home })
    const given = { ...metadata, s3Path: 's3://models/given' }
    const parts = () => fromParts({ 'a.json': { a: 1 }, 'b.json': { b: 1 } })
    await here.registry.saveModel(parts(), given)
    const deleting = here.registry.deleteModel('btc-lstm', '1.0.0')
    await reached.promise
    await elsewhere.registry.saveModel(parts(), given)
    go.resolve()
    await deleting
    expect(await elsewhere.registry.getModel('btc-lstm', '1.0.0', { verify: 'content' })).not.toBeNull()
  })
})
