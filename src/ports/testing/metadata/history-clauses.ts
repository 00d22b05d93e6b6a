import { describe, expect, it } from 'vitest'
import { parseModelId } from '../../../domain/model-id.js'
import {
  allPages,
  CHAMPION,
  contentOf,
  draftOf,
  failureOf,
  LEASE_MS,
  type MetadataSubject,
  MODEL,
  PRODUCTION,
  V1,
  V2,
} from './metadata-subject.js'

export function historyClauses(subject: () => MetadataSubject): void {
  describe('the history', () => {
    it('has an entry for a reset of the circuit breaker, which concerns no single model', async () => {
      const { store } = subject()
      await store.recordBreakerReset('ann', { circuits: [{ bucket: 'b', was: 'open' }] })
      const [entry] = await store.listHistory({ limit: 1 })
      expect(entry).toMatchObject({ actor: 'ann', action: 'breaker-reset', modelId: '*' })
      expect(entry?.details).toEqual({ circuits: [{ bucket: 'b', was: 'open' }] })
      expect(await store.listHistory({ limit: 1, modelId: MODEL })).toEqual([])
    })

    it('has an entry for each change, with who, what and when, newest first', async () => {
      const { store, saved, locked, clock } = subject()
      const draft = draftOf(MODEL, V1, { actor: 'ann' })
      await store.reserveVersion(draft, LEASE_MS)
      const published = await store.publishVersion(draft.saveId, contentOf(draft), 'bob')
      if (published.is !== 'published') throw new Error(published.is)
      const start = Date.parse(published.record.createdAt)
      clock.advance(1000)
      await store.updateVersion(MODEL, V1, { tags: { a: 'b' }, description: 'd' }, 'c')
      await store.setAlias(MODEL, CHAMPION, V1, 'd')
      await saved(MODEL, V2, { actor: 'e' })
      await store.setAlias(MODEL, CHAMPION, V2, 'f')
      await store.removeAlias(MODEL, CHAMPION, 'g')
      const lock = await locked()
      const first = await store.activate({ lock, version: V1, actor: 'h' })
      const second = await store.activate({ lock, version: V2, actor: 'i' })
      if (first.is !== 'activated' || second.is !== 'activated') throw new Error('not activated')
      const rollback = { of: second.deployment.id, restores: first.deployment.id }
      await store.activate({ lock, version: V1, rollback, actor: 'j' })
      await store.archiveVersion(MODEL, V2, 'k')
      await store.restoreVersion(MODEL, V2, 'l')
      await store.beginDeletion(MODEL, V2, 'm')
      await store.finishDeletion(MODEL, V2)

      const history = [...(await store.listHistory({ limit: 100 }))].reverse()
      expect(history.map(({ action, actor, version }) => [action, actor, version])).toEqual([
        ['saved', 'bob', V1],
        ['metadata-updated', 'c', V1],
        ['alias-set', 'd', V1],
        ['saved', 'e', V2],
        ['alias-set', 'f', V2],
        ['alias-removed', 'g', V2],
        ['deployed', 'h', V1],
        ['deployed', 'i', V2],
        ['rolled-back', 'j', V1],
        ['archived', 'k', V2],
        ['restored', 'l', V2],
        ['deleted', 'm', V2],
      ])
      expect(history.map(({ sequence }) => sequence)).toEqual(history.map((_, i) => i + 1))
      expect(history[0]?.at).toBe(new Date(start).toISOString())
      expect(history[1]?.at).toBe(new Date(start + 1000).toISOString())
      for (const entry of history) expect(entry.modelId).toBe(MODEL)
      expect(history.map(({ environment }) => environment)).toEqual(
        history.map(({ action }) => (/deployed|rolled/.test(action) ? PRODUCTION : undefined)),
      )
      expect(history.map(({ details }) => details)).toMatchObject([
        { number: 1 },
        { fields: ['description', 'tags'] },
        { alias: 'champion', previousVersion: null },
        { number: 2 },
        { alias: 'champion', previousVersion: V1 },
        { alias: 'champion' },
        { deploymentId: first.deployment.id, fence: 1, previousVersion: null },
        { deploymentId: second.deployment.id, fence: 2, previousVersion: V1 },
        { fence: 3, previousVersion: V2, rollbackOf: second.deployment.id, restores: first.deployment.id },
        {},
        {},
        { number: 2 },
      ])
    })

    it('has no entry for what was not done', async () => {
      const { store } = subject()
      const draft = draftOf(MODEL, V1)
      await store.reserveVersion(draft, LEASE_MS)
      await store.releaseReservation(draft.saveId)
      await store.archiveVersion(MODEL, V1, 'ann')
      await store.removeAlias(MODEL, CHAMPION, 'ann')
      expect(await store.listHistory({ limit: 10 })).toEqual([])
    })

    it('narrows by model and by version, and pages while it grows', async () => {
      const { store, saved } = subject()
      const other = parseModelId('other')
      for (const version of [V1, V2]) {
        await saved(MODEL, version)
        await saved(other, version)
      }
      for (let i = 0; i < 5; i++) await store.updateVersion(MODEL, V1, { description: `${i}` }, 'ann')
      for (const [filter, count] of [
        [{}, 9],
        [{ modelId: MODEL }, 7],
        [{ modelId: MODEL, version: V1 }, 6],
        [{ version: V1 }, 7],
        [{ modelId: other, version: V2 }, 1],
        [{ modelId: parseModelId('nothing') }, 0],
      ] as const) {
        const whole = (await store.listHistory({ limit: 1000, ...filter })).filter(
          ({ actor }) => actor === 'ann',
        )
        expect(whole).toHaveLength(count)
        const pages = await allPages(
          (cursor) => store.listHistory({ limit: 2, cursor, ...filter }),
          (page) =>
            store.updateVersion(other, V1, { description: `${JSON.stringify(filter)} ${page}` }, 'eve'),
        )
        expect(pages.filter(({ actor }) => actor === 'ann')).toEqual(whole)
      }
    })

    it('refuses a cursor of another filter', async () => {
      const { store, saved } = subject()
      for (const version of [V1, V2]) await saved(MODEL, version)
      const { nextCursor: cursor } = await store.listHistory({ limit: 1 })
      expect(await failureOf(store.listHistory({ limit: 1, cursor, modelId: MODEL }))).toMatchObject({
        code: 'MODEL_VALIDATION_FAILED',
      })
    })

    it('outlives what it tells of', async () => {
      const { store, saved } = subject()
      await saved(MODEL, V1)
      await store.beginDeletion(MODEL, V1, 'ann')
      await store.finishDeletion(MODEL, V1)
      expect(await store.listHistory({ limit: 10, modelId: MODEL })).toMatchObject([
        { action: 'deleted' },
        { action: 'saved' },
      ])
    })
  })
}
