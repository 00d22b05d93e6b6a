import { describe, expect, it } from 'vitest'
import type { Version } from '../../../domain/version.js'
import { CHAMPION, type MetadataSubject, MODEL, PRODUCTION, STAGING, V1, V2 } from './metadata-subject.js'

const asJson = (record: unknown) => JSON.stringify(record)

export function recordClauses(subject: () => MetadataSubject): void {
  describe('the record of a version', () => {
    const found = async (version: Version) => subject().store.findVersion(MODEL, { is: 'version', version })

    it('follows aliases, from the version that had it to the one that has it', async () => {
      const { store, saved } = subject()
      for (const version of [V1, V2]) await saved(MODEL, version)
      const aliases = async () => [(await found(V1))?.aliases, (await found(V2))?.aliases]
      await store.setAlias(MODEL, CHAMPION, V1, 'ann')
      expect(await aliases()).toEqual([['champion'], []])
      await store.setAlias(MODEL, CHAMPION, V2, 'ann')
      expect(await aliases()).toEqual([[], ['champion']])
      await store.removeAlias(MODEL, CHAMPION, 'ann')
      expect(await aliases()).toEqual([[], []])
    })

    it('follows deployments, in each environment', async () => {
      const { saved, deployed } = subject()
      for (const version of [V1, V2]) await saved(MODEL, version)
      const environments = async () => [(await found(V1))?.environments, (await found(V2))?.environments]
      await deployed(V1, PRODUCTION)
      await deployed(V1, STAGING)
      expect(await environments()).toEqual([['production', 'staging'], []])
      await deployed(V2, PRODUCTION)
      expect(await environments()).toEqual([['staging'], ['production']])
      expect((await found(V1))?.deploymentStatus).toBe('active')
      await deployed(V2, STAGING)
      expect(await environments()).toEqual([[], ['production', 'staging']])
      expect((await found(V1))?.deploymentStatus).toBe('inactive')
    })

    it('is what the change that was made answers', async () => {
      const { store, saved, clock } = subject()
      expect(await saved(MODEL, V1)).toEqual(await found(V1))
      clock.advance(1000)
      for (const change of [
        () => store.updateVersion(MODEL, V1, { description: 'Hourly', tags: { team: 'quant' } }, 'ann'),
        () => store.setAlias(MODEL, CHAMPION, V1, 'ann'),
      ])
        expect(await change()).toEqual(await found(V1))
      for (const change of [store.archiveVersion, store.restoreVersion])
        expect(await change(MODEL, V1, 'ann')).toMatchObject({ is: 'done', record: await found(V1) })
    })

    it('is the same as JSON, byte for byte, however it is read', async () => {
      const { store, saved, deployed } = subject()
      for (const version of [V1, V2])
        await saved(MODEL, version, { description: 'Käse "A" \u2028', accuracy: 0.5 })
      await store.setAlias(MODEL, CHAMPION, V1, 'ann')
      await deployed(V1)
      const [first, second] = [await found(V1), await found(V2)]
      const { texts } = store
      for (const ref of [
        { is: 'version', version: V1 },
        { is: 'alias', alias: CHAMPION },
      ] as const)
        expect(await texts.findVersion(MODEL, ref)).toBe(asJson(first))
      expect(await texts.findVersion(MODEL, { is: 'latest' })).toBe(asJson(second))
      expect(await texts.listVersions(MODEL, { limit: 10 })).toEqual([second, first].map(asJson))
      for (const orderBy of ['newest', 'oldest', 'model', 'accuracy'] as const) {
        const records = await store.listModels({ limit: 10, orderBy })
        expect(records).toHaveLength(2)
        expect(await texts.listModels({ limit: 10, orderBy })).toEqual(records.map(asJson))
      }
    })

    it('pages as JSON just as it does otherwise', async () => {
      const { store, saved } = subject()
      for (const version of [V1, V2]) await saved(MODEL, version)
      const newest = await store.texts.listModels({ limit: 1, orderBy: 'newest' })
      const { nextCursor: cursor } = newest
      expect(newest).toEqual([asJson(await found(V2))])
      expect(await store.listModels({ limit: 1, orderBy: 'newest', cursor })).toEqual([await found(V1)])
      expect(await store.texts.listModels({ limit: 1, orderBy: 'newest', cursor })).toEqual([
        asJson(await found(V1)),
      ])
    })
  })
}
