import { describe, expect, it } from 'vitest'
import { ModelValidationError } from '../../errors/index.js'
import type { Registry } from '../registry.js'
import type { RegistryFixture } from './registry-fixture.js'

export function listClauses(t: RegistryFixture): void {
  describe('listModels', () => {
    it('pages through everything once, in every order', async () => {
      for (let n = 0; n < 7; n++) await t.save(`1.${n}.0`, { modelId: `m${n % 3}`, accuracy: n / 10 })
      for (const orderBy of ['newest', 'oldest', 'model', 'accuracy'] as const) {
        const seen: string[] = []
        let cursor: string | undefined
        do {
          const page = await t.registry.listModels({ limit: 2, orderBy, cursor })
          expect(page.length).toBeLessThanOrEqual(2)
          seen.push(...page.map((record) => `${record.modelId}@${record.version}`))
          cursor = page.nextCursor
        } while (cursor !== undefined)
        expect(new Set(seen).size).toBe(7)
        expect(seen).toHaveLength(7)
      }
    })

    it('filters by type, tag, text, status and environment', async () => {
      await t.save('1.0.0', { modelId: 'a', tags: { team: 'quant' }, description: 'Hourly closing prices' })
      await t.save('1.0.0', { modelId: 'b', modelType: 'transformer', tags: { team: 'nlp' } })
      await t.save('1.0.0', { modelId: 'c' })
      await t.registry.archiveModel('c', '1.0.0')
      await t.registry.deployModel('b', '1.0.0', { environment: 'production' })
      const names = async (query: Parameters<Registry['listModels']>[0]) =>
        (await t.registry.listModels(query)).map((record) => record.modelId)
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
      await expect(t.registry.listModels(JSON.parse(JSON.stringify(query)))).rejects.toBeInstanceOf(
        ModelValidationError,
      )
    })
  })
}
