import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ModelNotFoundError, S3DownloadError } from '../../errors/index.js'
import { fromParts } from '../../sources/from-parts.js'
import { metadata, type RegistryFixture } from './registry-fixture.js'

export function loadClauses(t: RegistryFixture): void {
  describe('loadModel', () => {
    it('gives JSON, text, bytes and a stream', async () => {
      await t.save('1.0.0', {}, { layers: [1, 2] })
      const loaded = await t.registry.loadModel('btc-lstm', 'latest')
      expect(await loaded.json()).toEqual({ layers: [1, 2] })
      expect(await loaded.text('model.json')).toBe('{"layers":[1,2]}')
      expect(await new Response(loaded.stream()).text()).toBe('{"layers":[1,2]}')
      expect(await new Response(loaded.stream('model.json', { range: { start: 2, end: 8 } })).text()).toBe(
        'layers',
      )
    })

    it('ends a reading by its own signal, or else by that of the call that loaded the model', async () => {
      await t.save('1.0.0')
      const aborted = { signal: AbortSignal.abort() }
      const loaded = await t.registry.loadModel('btc-lstm', '1.0.0')
      for (const reading of [loaded.bytes, loaded.text, loaded.json])
        await expect(reading('model.json', aborted)).rejects.toMatchObject({ reason: { id: 'aborted' } })
      expect(await loaded.json()).toEqual({ version: '1.0.0' })
      const control = new AbortController()
      const bound = await t.registry.loadModel('btc-lstm', '1.0.0', { signal: control.signal })
      control.abort()
      await expect(bound.bytes()).rejects.toMatchObject({ reason: { id: 'aborted' } })
      expect(await bound.json('model.json', { signal: new AbortController().signal })).toEqual({
        version: '1.0.0',
      })
    })

    it('writes the files into a folder', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'modelry-contract-'))
      try {
        await t.registry.saveModel(fromParts({ 'a/b.bin': new Uint8Array([7]), 'c.json': [1] }), metadata)
        const loaded = await t.registry.loadModel('btc-lstm', '1.0.0')
        const written = await loaded.saveTo(folder)
        expect(written).toEqual([join(folder, 'a/b.bin'), join(folder, 'c.json')])
        expect([...(await readFile(join(folder, 'a/b.bin')))]).toEqual([7])
      } finally {
        await rm(folder, { recursive: true })
      }
    })

    it('never hands out all bytes of a damaged file', async () => {
      const record = await t.registry.saveModel(new Uint8Array(randomBytes(500_000)), metadata)
      for (const file of record.files) await t.under.damage(file)
      const loaded = await t.registry.loadModel('btc-lstm', '1.0.0')
      await expect(loaded.bytes()).rejects.toBeInstanceOf(S3DownloadError)
      let received = 0
      const reading = (async () => {
        for await (const piece of loaded.stream()) received += piece.length
      })()
      await expect(reading).rejects.toBeInstanceOf(S3DownloadError)
      expect(received).toBeLessThan(record.size)
    })

    it('names the files that there are when another is asked for', async () => {
      await t.save('1.0.0')
      const loaded = await t.registry.loadModel('btc-lstm', '1.0.0')
      const error = await loaded.json('weights.bin').catch((e) => e)
      expect(error).toBeInstanceOf(S3DownloadError)
      expect(error.message).toContain('model.json')
    })

    it('raises ModelNotFoundError with the versions that there are', async () => {
      await t.save('1.2.0')
      const error = await t.registry.loadModel('btc-lstm', '1.2.1').catch((e) => e)
      expect(error).toBeInstanceOf(ModelNotFoundError)
      expect(error.context).toMatchObject({ availableVersions: ['1.2.0'], didYouMean: ['1.2.0'] })
      const misspelt = await t.registry.loadModel('btc-lstn', '1.2.0').catch((e) => e)
      expect(misspelt.context.didYouMean).toEqual(['btc-lstm'])
    })
  })
}
