import { describe, expect, it } from 'vitest'
import { DeploymentError, ModelNotFoundError, ModelValidationError } from '../../errors/index.js'
import type { RegistryFixture } from './registry-fixture.js'

export function versionClauses(t: RegistryFixture): void {
  describe('versions, aliases and metadata', () => {
    it('moves an alias and finds the version by it', async () => {
      await t.save('1.0.0')
      await t.save('2.0.0')
      await t.registry.setAlias('btc-lstm', 'champion', '1.0.0')
      const record = await t.registry.setAlias('btc-lstm', 'champion', '2.0.0')
      expect(record.aliases).toEqual(['champion'])
      expect((await t.registry.getModel('btc-lstm', 'champion'))?.version).toBe('2.0.0')
      await t.registry.removeAlias('btc-lstm', 'champion')
      expect(await t.registry.getModel('btc-lstm', 'champion')).toBeNull()
      await expect(t.registry.removeAlias('btc-lstm', 'champion')).rejects.toBeInstanceOf(ModelNotFoundError)
    })

    it.each(['latest', '1.0.0', '../up', 'Champion', ''])('refuses the alias %j', async (alias) => {
      await t.save('1.0.0')
      await expect(t.registry.setAlias('btc-lstm', alias, '1.0.0')).rejects.toBeInstanceOf(
        ModelValidationError,
      )
    })

    it('changes description and tags, and nothing else', async () => {
      await t.save('1.0.0', { tags: { a: '1' }, description: 'old' })
      const record = await t.registry.updateMetadata('btc-lstm', '1.0.0', {
        description: 'new',
        tags: { b: '2' },
      })
      expect(record).toMatchObject({ description: 'new', tags: { b: '2' } })
      const cleared = await t.registry.updateMetadata('btc-lstm', '1.0.0', { description: null })
      expect(cleared.description).toBeUndefined()
      expect(cleared.tags).toEqual({ b: '2' })
      const change = JSON.parse('{"accuracy":1}')
      await expect(t.registry.updateMetadata('btc-lstm', '1.0.0', change)).rejects.toBeInstanceOf(
        ModelValidationError,
      )
    })

    it('tells two versions apart', async () => {
      await t.save('1.0.0', { accuracy: 0.8, hyperparameters: { units: 32, lr: 0.1 } })
      await t.save('1.1.0', { accuracy: 0.9, hyperparameters: { units: 64, lr: 0.1 } })
      const diff = await t.registry.diffVersions('btc-lstm', '1.0.0', '1.1.0')
      expect(diff.metadata).toEqual([
        { path: 'accuracy', from: 0.8, to: 0.9 },
        { path: 'hyperparameters.units', from: 32, to: 64 },
      ])
      expect(diff.files).toMatchObject([{ path: 'model.json', change: 'changed' }])
      expect(diff.identicalContent).toBe(false)
    })

    it('deletes a version with its bytes, and lets the name be used again', async () => {
      await t.save('1.0.0')
      await t.registry.deleteModel('btc-lstm', '1.0.0')
      expect(await t.registry.getModel('btc-lstm', '1.0.0')).toBeNull()
      expect(await t.findings()).toEqual([])
      await expect(t.registry.deleteModel('btc-lstm', '1.0.0')).rejects.toBeInstanceOf(ModelNotFoundError)
      await t.save('1.0.0')
    })

    it('neither deletes nor archives a version that is active', async () => {
      await t.save('1.0.0')
      await t.registry.deployModel('btc-lstm', '1.0.0', { environment: 'production' })
      for (const attempt of [
        () => t.registry.deleteModel('btc-lstm', '1.0.0'),
        () => t.registry.archiveModel('btc-lstm', '1.0.0'),
      ]) {
        const error = await attempt().catch((e) => e)
        expect(error).toBeInstanceOf(DeploymentError)
        expect(error.reason.id).toBe('version-active')
      }
      expect(await t.registry.getModel('btc-lstm', '1.0.0')).not.toBeNull()
    })

    it('archives and restores', async () => {
      await t.save('1.0.0')
      expect((await t.registry.archiveModel('btc-lstm', '1.0.0')).deploymentStatus).toBe('archived')
      const error = await t.registry
        .deployModel('btc-lstm', '1.0.0', { environment: 'production' })
        .catch((e) => e)
      expect(error).toBeInstanceOf(DeploymentError)
      expect(error.reason.id).toBe('version-archived')
      expect((await t.registry.restoreModel('btc-lstm', '1.0.0')).deploymentStatus).toBe('inactive')
    })
  })
}
