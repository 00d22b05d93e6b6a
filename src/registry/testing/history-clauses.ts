import { describe, expect, it } from 'vitest'
import { DatabaseError, ModelRegistryError } from '../../errors/index.js'
import { metadata, type RegistryFixture } from './registry-fixture.js'

export function historyClauses(t: RegistryFixture): void {
  describe('history, events and health', () => {
    it('tells who did what', async () => {
      await t.registry.saveModel({ w: 1 }, metadata)
      await t.registry.deployModel('btc-lstm', '1.0.0', { environment: 'production' })
      await t.registry.setAlias('btc-lstm', 'champion', '1.0.0')
      const entries = await t.registry.listHistory({ modelId: 'btc-lstm' })
      expect(entries.map((entry) => entry.action)).toEqual(['alias-set', 'deployed', 'saved'])
      for (const entry of entries) expect(entry.actor).not.toBe('')
    })

    it('emits events after the fact', async () => {
      const seen: string[] = []
      t.registry.events.on('saved', ({ record }) => seen.push(`saved ${record.version}`))
      t.registry.events.on('deployed', ({ deployment }) => seen.push(`deployed ${deployment.version}`))
      t.registry.events.on('rolled-back', ({ deployment }) =>
        seen.push(`rolled back to ${deployment.version}`),
      )
      t.registry.events.on('archived', ({ record }) => seen.push(`archived ${record.version}`))
      t.registry.events.on('deleted', ({ version }) => seen.push(`deleted ${version}`))
      await t.save('1.0.0')
      await t.save('2.0.0')
      await t.registry.deployModel('btc-lstm', '1.0.0', { environment: 'production' })
      await t.registry.deployModel('btc-lstm', '2.0.0', { environment: 'production' })
      await t.registry.rollbackDeployment('btc-lstm', 'production')
      await t.registry.archiveModel('btc-lstm', '2.0.0')
      await t.registry.deleteModel('btc-lstm', '2.0.0')
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
      expect((await t.registry.health()).status).toBe('ok')
      await t.registry.close()
      const error = await t.registry.getModel('btc-lstm', '1.0.0').catch((e) => e)
      expect(error).toBeInstanceOf(DatabaseError)
      expect(error).toBeInstanceOf(ModelRegistryError)
      expect(error.reason.id).toBe('store-closed')
    })

    it('lets what is being read end before it closes', async () => {
      await t.registry.saveModel(new Uint8Array(5_000_000), metadata)
      const loaded = await t.registry.loadModel('btc-lstm', '1.0.0')
      const reading = loaded.bytes()
      await t.registry.close()
      expect(await reading).toHaveLength(5_000_000)
    })

    it('lists files that are gone', async () => {
      const record = await t.save('1.0.0')
      const [file] = record.files
      if (file === undefined) throw new TypeError('a saved version has files')
      await t.under.remove(file)
      expect(await t.findings()).toEqual([`missing-file ${file.address}`])
    })
  })
}
