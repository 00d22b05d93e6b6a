import { describe, expect, it } from 'vitest'
import { parseModelId } from '../../../domain/model-id.js'
import {
  allPages,
  failureOf,
  type MetadataSubject,
  MODEL,
  PRODUCTION,
  STAGING,
  V1,
  V2,
} from './metadata-subject.js'

export function deploymentClauses(subject: () => MetadataSubject): void {
  describe('reading deployments', () => {
    it('lists them newest first, of all, of a model, of an environment or of both', async () => {
      const { store, saved, deployed } = subject()
      const other = parseModelId('other')
      for (const version of [V1, V2]) {
        await saved(MODEL, version)
        await saved(other, version)
      }
      const a = await deployed(V1, PRODUCTION)
      const b = await deployed(V1, STAGING)
      const c = await deployed(V1, PRODUCTION, other)
      const d = await deployed(V2, PRODUCTION)
      const ids = async (filter: object) =>
        (await store.listDeployments({ limit: 10, ...filter })).map(({ id }) => id)
      expect(await ids({})).toEqual([d.id, c.id, b.id, a.id])
      expect(await ids({ modelId: MODEL })).toEqual([d.id, b.id, a.id])
      expect(await ids({ environment: PRODUCTION })).toEqual([d.id, c.id, a.id])
      expect(await ids({ modelId: MODEL, environment: PRODUCTION })).toEqual([d.id, a.id])
      expect(await ids({ modelId: parseModelId('nothing') })).toEqual([])
    })

    it('pages with every filter while further deployments are made', async () => {
      const { store, saved, deployed } = subject()
      for (const version of [V1, V2]) await saved(MODEL, version)
      for (const version of [V1, V2, V1, V2, V1])
        for (const environment of [PRODUCTION, STAGING]) await deployed(version, environment)
      for (const filter of [
        {},
        { modelId: MODEL },
        { environment: STAGING },
        { modelId: MODEL, environment: STAGING },
      ]) {
        const whole = (await store.listDeployments({ limit: 1000, ...filter })).map(({ id }) => id)
        let active = (await store.findActive(MODEL, STAGING))?.version
        const pages = await allPages(
          (cursor) => store.listDeployments({ limit: 2, cursor, ...filter }),
          async (page) => {
            if (page > 2) return
            active = active === V1 ? V2 : V1
            await deployed(active, STAGING)
          },
        )
        expect(pages.map(({ id }) => id)).toEqual(whole)
      }
    })

    it('refuses a cursor of another filter', async () => {
      const { store, saved, deployed } = subject()
      for (const version of [V1, V2]) await saved(MODEL, version)
      for (const version of [V1, V2]) await deployed(version, PRODUCTION)
      const { nextCursor: cursor } = await store.listDeployments({ limit: 1 })
      for (const filter of [{ modelId: MODEL }, { environment: PRODUCTION }])
        expect(await failureOf(store.listDeployments({ limit: 1, cursor, ...filter }))).toMatchObject({
          code: 'MODEL_VALIDATION_FAILED',
        })
    })

    it('knows nothing of a deployment that never was', async () => {
      const { store, saved, deployed } = subject()
      await saved(MODEL, V1)
      const { id: known } = await deployed(V1, STAGING)
      for (const id of [
        `0${known}`,
        ` ${known}`,
        `${known}.0`,
        `${known}e0`,
        '0',
        '-1',
        'x',
        '',
        '1e3',
        '99999999999999999999',
        ' 1',
      ])
        expect(await store.findDeployment(id)).toBeUndefined()
      expect(await store.findActive(MODEL, PRODUCTION)).toBeUndefined()
    })

    it('remembers whether a version was ever active in an environment', async () => {
      const { store, saved, deployed } = subject()
      for (const version of [V1, V2]) await saved(MODEL, version)
      await deployed(V1, STAGING)
      await deployed(V2, STAGING)
      expect(await store.wasActive(MODEL, V1, 'staging')).toBe(true)
      expect(await store.wasActive(MODEL, V2, 'staging')).toBe(true)
      expect(await store.wasActive(MODEL, V1, 'production')).toBe(false)
      expect(await store.wasActive(parseModelId('other'), V1, 'staging')).toBe(false)
    })

    it('does not take a version for one of the same name that was deleted', async () => {
      const { store, saved, deployed } = subject()
      for (const version of [V1, V2]) await saved(MODEL, version)
      await deployed(V2, STAGING)
      await deployed(V1, STAGING)
      await store.beginDeletion(MODEL, V2, 'ann')
      await store.finishDeletion(MODEL, V2)
      await saved(MODEL, V2)
      expect(await store.wasActive(MODEL, V2, 'staging')).toBe(false)
    })
  })
}
