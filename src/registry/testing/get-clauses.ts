import { describe, expect, it } from 'vitest'
import { ModelValidationError, S3DownloadError } from '../../errors/index.js'
import type { RegistryFixture } from './registry-fixture.js'

export function getClauses(t: RegistryFixture): void {
  describe('getModel', () => {
    it('answers null for a model or version that is not there', async () => {
      expect(await t.registry.getModel('nobody', '1.0.0')).toBeNull()
      await t.save('1.0.0')
      expect(await t.registry.getModel('btc-lstm', '2.0.0')).toBeNull()
      expect(await t.registry.getModel('btc-lstm', 'champion')).toBeNull()
    })

    it('finds the highest stable version as latest, by precedence and not by text', async () => {
      for (const version of ['9.0.0', '10.0.0', '11.0.0-rc.1']) await t.save(version)
      expect((await t.registry.getModel('btc-lstm', 'latest'))?.version).toBe('10.0.0')
      await t.registry.archiveModel('btc-lstm', '10.0.0')
      expect((await t.registry.getModel('btc-lstm', 'latest'))?.version).toBe('9.0.0')
    })

    it('raises S3DownloadError when a file is missing, unless it is told not to look', async () => {
      const record = await t.save('1.0.0')
      for (const file of record.files) await t.under.remove(file)
      const error = await t.registry.getModel('btc-lstm', '1.0.0').catch((e) => e)
      expect(error).toBeInstanceOf(S3DownloadError)
      expect(error.context).toMatchObject({ s3Path: record.s3Path, modelId: 'btc-lstm', version: '1.0.0' })
      expect(error.reason.id).toBe('object-missing')
      expect((await t.registry.getModel('btc-lstm', '1.0.0', { verify: 'none' }))?.version).toBe('1.0.0')
    })

    it('finds damage when it reads the content', async () => {
      const record = await t.save('1.0.0')
      for (const file of record.files) await t.under.damage(file)
      expect(await t.registry.getModel('btc-lstm', '1.0.0')).not.toBeNull()
      const error = await t.registry.getModel('btc-lstm', '1.0.0', { verify: 'content' }).catch((e) => e)
      expect(error).toBeInstanceOf(S3DownloadError)
      expect(error.reason.id).toBe('checksum-mismatch')
    })

    it.each(['../up', 'a/b/c', '', 'a\\b', 'a\0', '.hidden', 'ｂｔｃ', 'a'.repeat(300)])(
      'refuses the name %j',
      async (modelId) => {
        await expect(t.registry.getModel(modelId, '1.0.0')).rejects.toBeInstanceOf(ModelValidationError)
      },
    )
  })
}
