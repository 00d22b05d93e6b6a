import { describe, expect, it } from 'vitest'
import { parseAlias } from '../../../domain/alias.js'
import { parseModelId } from '../../../domain/model-id.js'
import { parseVersion } from '../../../domain/version.js'
import { allPages, CHAMPION, failureOf, type MetadataSubject, MODEL, V1, V2, V3 } from './metadata-subject.js'

/** SemVer precedence from lowest to highest, by https://semver.org/#spec-item-11 and its example. */
const ORDERED = [
  ...['0.9.10', '1.0.0-alpha', '1.0.0-alpha.1', '1.0.0-alpha.beta', '1.0.0-beta', '1.0.0-beta.2'],
  ...['1.0.0-beta.11', '1.0.0-rc.1', '1.0.0', '1.2.0', '1.10.0', '2.0.0-rc.1', '2.0.0', '10.0.0-0'],
].map(parseVersion)

export function findClauses(subject: () => MetadataSubject): void {
  describe('finding a version', () => {
    it('knows it by its own name, and byte for byte', async () => {
      const { store, saved } = subject()
      const record = await saved(parseModelId('team/net'), V1)
      expect(await store.findVersion(parseModelId('team/net'), { is: 'version', version: V1 })).toEqual(
        record,
      )
      for (const other of ['team/Net', 'team/net2', 'net'])
        expect(await store.findVersion(parseModelId(other), { is: 'version', version: V1 })).toBeUndefined()
      expect(
        await store.findVersion(parseModelId('team/net'), { is: 'version', version: V2 }),
      ).toBeUndefined()
    })

    it('tells versions apart that differ in build metadata alone', async () => {
      const { store, saved } = subject()
      const builds = ['1.0.0', '1.0.0+a', '1.0.0+b'].map(parseVersion)
      for (const version of builds) await saved(MODEL, version, { description: version })
      for (const version of builds)
        expect((await store.findVersion(MODEL, { is: 'version', version }))?.description).toBe(version)
    })

    it('knows it by an alias of its model', async () => {
      const { store, saved } = subject()
      await saved(MODEL, V1)
      await saved(MODEL, V2)
      await store.setAlias(MODEL, CHAMPION, V1, 'ann')
      expect((await store.findVersion(MODEL, { is: 'alias', alias: CHAMPION }))?.version).toBe(V1)
      const none = { is: 'alias', alias: parseAlias('nobody') } as const
      expect(await store.findVersion(MODEL, none)).toBeUndefined()
      expect(await store.findVersion(parseModelId('other'), { is: 'alias', alias: CHAMPION })).toBeUndefined()
    })

    it('takes the highest stable version for the latest, whatever the order of saving', async () => {
      const { store, saved } = subject()
      for (const version of [...ORDERED].reverse()) await saved(MODEL, version)
      expect((await store.findVersion(MODEL, { is: 'latest' }))?.version).toBe('2.0.0')
    })

    it('leaves archived versions and pre-releases out of the latest', async () => {
      const { store, saved } = subject()
      await saved(MODEL, parseVersion('3.0.0-rc.1'))
      expect(await store.findVersion(MODEL, { is: 'latest' })).toBeUndefined()
      for (const version of [V1, V2]) await saved(MODEL, version)
      await store.archiveVersion(MODEL, V2, 'ann')
      expect((await store.findVersion(MODEL, { is: 'latest' }))?.version).toBe(V1)
      await store.restoreVersion(MODEL, V2, 'ann')
      expect((await store.findVersion(MODEL, { is: 'latest' }))?.version).toBe(V2)
      await store.beginDeletion(MODEL, V2, 'ann')
      expect((await store.findVersion(MODEL, { is: 'latest' }))?.version).toBe(V1)
    })

    it('takes the one that was saved last where the latest differ in build metadata alone', async () => {
      const { store, saved } = subject()
      for (const version of ['1.0.0+b', '1.0.0+c', '1.0.0+a'].map(parseVersion)) await saved(MODEL, version)
      expect((await store.findVersion(MODEL, { is: 'latest' }))?.version).toBe('1.0.0+a')
    })
  })

  describe('listing the versions of a model', () => {
    it('puts the highest precedence first and leaves out other models', async () => {
      const { store, saved } = subject()
      for (const version of [...ORDERED].sort()) await saved(MODEL, version)
      await saved(parseModelId('btc-lstm2'), V1)
      const versions = (await store.listVersions(MODEL, { limit: 100 })).map(({ version }) => version)
      expect(versions).toEqual([...ORDERED].reverse())
    })

    it('shows archived ones too, and none for a model that is not there', async () => {
      const { store, saved } = subject()
      await saved(MODEL, V1)
      await store.archiveVersion(MODEL, V1, 'ann')
      expect(await store.listVersions(MODEL, { limit: 10 })).toMatchObject([
        { version: V1, deploymentStatus: 'archived' },
      ])
      expect(await store.listVersions(parseModelId('nothing'), { limit: 10 })).toEqual([])
    })

    it('pages without a gap or a repetition while versions are saved above and below', async () => {
      const { store, saved } = subject()
      for (const version of ORDERED) await saved(MODEL, version)
      const seen = await allPages(
        (cursor) => store.listVersions(MODEL, { limit: 3, cursor }),
        async (page) => {
          await saved(MODEL, parseVersion(`20.0.${page}`))
          await saved(MODEL, parseVersion(`0.0.${page}`))
        },
      )
      const versions = seen.map(({ version }) => version)
      expect(versions.filter((version) => ORDERED.includes(version))).toEqual([...ORDERED].reverse())
      expect(new Set(versions).size).toBe(versions.length)
    })

    it('pages through versions of equal precedence', async () => {
      const { store, saved } = subject()
      const builds = Array.from({ length: 7 }, (_, i) => parseVersion(`1.0.0+build.${i}`))
      for (const version of builds) await saved(MODEL, version)
      const seen = await allPages((cursor) => store.listVersions(MODEL, { limit: 2, cursor }))
      expect(seen.map(({ version }) => version)).toEqual([...builds].reverse())
    })

    it('refuses a cursor of another model', async () => {
      const { store, saved } = subject()
      for (const version of [V1, V2, V3]) await saved(MODEL, version)
      const { nextCursor } = await store.listVersions(MODEL, { limit: 1 })
      const page = { limit: 1, cursor: nextCursor }
      expect(await failureOf(store.listVersions(parseModelId('other'), page))).toMatchObject({
        code: 'MODEL_VALIDATION_FAILED',
      })
    })
  })

  describe('finding models of a similar name', () => {
    it('gives those around it in the order of names, half on each side', async () => {
      const { store, saved } = subject()
      for (const name of ['a', 'b', 'C', 'd', 'E', 'f', 'team/g']) await saved(parseModelId(name), V1)
      expect(await store.neighbours('cc', 4)).toEqual(['b', 'C', 'd', 'E'])
      expect(await store.neighbours('C', 2)).toEqual(['b', 'C'])
    })

    it('gives more of one side where the other ends', async () => {
      const { store, saved } = subject()
      for (const name of ['a', 'b', 'c', 'd']) await saved(parseModelId(name), V1)
      expect(await store.neighbours('0', 3)).toEqual(['a', 'b', 'c'])
      expect(await store.neighbours('zz', 3)).toEqual(['b', 'c', 'd'])
      expect(await store.neighbours('b', 100)).toEqual(['a', 'b', 'c', 'd'])
    })
  })
}
