import { beforeEach, describe, expect, it } from 'vitest'
import { parseModelId } from '../../../domain/model-id.js'
import { parseVersion } from '../../../domain/version.js'
import { type MetadataSubject, MODEL, PRODUCTION, STAGING, V1, V2 } from './metadata-subject.js'

const OTHER = parseModelId('Vision/cats')
const ARCHIVED = parseVersion('0.1.0')

export function listClauses(subject: () => MetadataSubject): void {
  describe('listing versions of all models', () => {
    // In the order of saving: one archived, one active in two environments, one active in one, one in none.
    beforeEach(async () => {
      const { saved, deployed, store } = subject()
      await saved(MODEL, ARCHIVED, { accuracy: 0.9, tags: { stage: 'old', team: 'quant' } })
      await store.archiveVersion(MODEL, ARCHIVED, 'ann')
      await saved(MODEL, V1, {
        accuracy: 0.5,
        tags: { stage: 'prod', team: 'quant' },
        description: 'Guesses the PRICE of bitcoin',
      })
      await deployed(V1, PRODUCTION)
      await deployed(V1, STAGING)
      await saved(OTHER, V1, {
        accuracy: 0.7,
        modelType: 'ensemble',
        tags: { stage: 'prod', 'note to self': 'a=b "quoted" 100%' },
        description: 'Katzen: ÉTÉ, Straße, ΟΔΟΣ and 猫の写真',
      })
      await deployed(V1, STAGING, OTHER)
      await saved(OTHER, V2, { modelType: 'ensemble', tags: { stage: 'dev' } })
    })

    const archived = `${MODEL}@${ARCHIVED}`
    const btc = `${MODEL}@${V1}`
    const cats1 = `${OTHER}@${V1}`
    const cats2 = `${OTHER}@${V2}`

    it('gives them newest first, oldest first, by name with the newest of a name first, or by accuracy', async () => {
      const { listed } = subject()
      expect(await listed({})).toEqual([cats2, cats1, btc, archived])
      expect(await listed({ orderBy: 'oldest' })).toEqual([archived, btc, cats1, cats2])
      expect(await listed({ orderBy: 'model' })).toEqual([cats2, cats1, btc, archived])
      expect(await listed({ orderBy: 'accuracy' })).toEqual([archived, cats1, btc])
    })

    it('gives whole records', async () => {
      const { store } = subject()
      const [first] = await store.listModels({ limit: 1, orderBy: 'newest' })
      expect(first).toEqual(await store.findVersion(OTHER, { is: 'version', version: V2 }))
    })

    it('narrows by status: archived, active somewhere, or neither', async () => {
      const { listed } = subject()
      expect(await listed({ deploymentStatus: 'archived' })).toEqual([archived])
      expect(await listed({ deploymentStatus: 'active' })).toEqual([cats1, btc])
      expect(await listed({ deploymentStatus: 'inactive' })).toEqual([cats2])
    })

    it('narrows by type', async () => {
      const { listed } = subject()
      expect(await listed({ modelType: 'lstm' })).toEqual([btc, archived])
      expect(await listed({ modelType: 'neural' })).toEqual([])
    })

    it('narrows by the environment in which versions are active, not by the one in which they were', async () => {
      const { listed, deployed } = subject()
      expect(await listed({ environment: 'production' })).toEqual([btc])
      expect(await listed({ environment: 'staging' })).toEqual([cats1, btc])
      await deployed(V2, STAGING, OTHER)
      expect(await listed({ environment: 'staging' })).toEqual([cats2, btc])
      expect(await listed({ environment: 'nowhere' })).toEqual([])
    })

    it('narrows by the name of a tag, or by name and value', async () => {
      const { listed } = subject()
      expect(await listed({ tag: 'team' })).toEqual([btc, archived])
      expect(await listed({ tag: 'stage' })).toEqual([cats2, cats1, btc, archived])
      expect(await listed({ tag: 'stage=prod' })).toEqual([cats1, btc])
      expect(await listed({ tag: 'note to self=a=b "quoted" 100%' })).toEqual([cats1])
      for (const tag of ['stag', 'stage=pro', 'Stage', 'stage=PROD', 'prod', 'stage='])
        expect(await listed({ tag })).toEqual([])
    })

    it('narrows by a part of the name, the description or a tag, whatever their case', async () => {
      const { listed } = subject()
      expect(await listed({ query: 'price of' })).toEqual([btc])
      expect(await listed({ query: 'TC-LST' })).toEqual([btc, archived])
      expect(await listed({ query: 'vision/CATS' })).toEqual([cats2, cats1])
      expect(await listed({ query: 'quant' })).toEqual([btc, archived])
      expect(await listed({ query: 'note to self' })).toEqual([cats1])
      expect(await listed({ query: 'price  of' })).toEqual([])
      // Every part of it is there, but not in a row.
      expect(await listed({ query: 'guesses the price of the bitcoin' })).toEqual([])
    })

    it('takes text as it stands: quotes, wild cards and operators have no meaning', async () => {
      const { listed } = subject()
      expect(await listed({ query: '"quoted" 100%' })).toEqual([cats1])
      for (const query of [
        'pri%',
        'p_ice',
        'price*',
        'price OR cats',
        '"price"',
        "x' or 1=1 --",
        'NEAR(price bitcoin)',
      ])
        expect(await listed({ query })).toEqual([])
    })

    it('finds text beyond ASCII', async () => {
      const { listed } = subject()
      expect(await listed({ query: 'été' })).toEqual([cats1])
      expect(await listed({ query: 'e\u0301te\u0301' })).toEqual([cats1])
      expect(await listed({ query: 'STRAß' })).toEqual([cats1])
      expect(await listed({ query: 'οδοσ' })).toEqual([cats1])
      expect(await listed({ query: 'の写真' })).toEqual([cats1])
    })

    it('takes one or two characters for the start of a name', async () => {
      const { listed } = subject()
      expect(await listed({ query: 'BT' })).toEqual([btc, archived])
      expect(await listed({ query: 'v' })).toEqual([cats2, cats1])
      expect(await listed({ query: 'tc' })).toEqual([])
      expect(await listed({ query: '猫' })).toEqual([])
    })

    it('lets every filter narrow what the others let through, in every order', async () => {
      const { listed } = subject()
      const all = {
        deploymentStatus: 'active',
        modelType: 'ensemble',
        environment: 'staging',
        tag: 'stage=prod',
        query: 'katzen',
      } as const
      for (const orderBy of ['newest', 'oldest', 'model', 'accuracy'] as const) {
        expect(await listed({ orderBy, ...all })).toEqual([cats1])
        expect(await listed({ orderBy, tag: 'stage', query: 'cats' })).toContain(cats1)
        for (const other of [
          { deploymentStatus: 'inactive' },
          { modelType: 'lstm' },
          { environment: 'production' },
          { tag: 'stage=dev' },
          { tag: 'team' },
          { query: 'hunde' },
          { query: 'bt' },
        ] as const)
          expect(await listed({ orderBy, ...all, ...other })).toEqual([])
      }
    })

    it('follows a change of tags and description', async () => {
      const { listed, store } = subject()
      await store.updateVersion(MODEL, V1, { tags: { stage: 'canary' }, description: 'ether' }, 'ann')
      expect(await listed({ tag: 'stage=prod' })).toEqual([cats1])
      expect(await listed({ tag: 'stage=canary' })).toEqual([btc])
      expect(await listed({ tag: 'team' })).toEqual([archived])
      expect(await listed({ query: 'bitcoin' })).toEqual([])
      expect(await listed({ query: 'ether' })).toEqual([btc])
      expect(await listed({ query: 'canary' })).toEqual([btc])
    })

    it('leaves out a version from the moment its deletion begins', async () => {
      const { listed, store } = subject()
      await store.beginDeletion(OTHER, V2, 'ann')
      for (const filter of [{}, { tag: 'stage=dev' }, { query: 'cats' }, { modelType: 'ensemble' }])
        for (const orderBy of ['newest', 'oldest', 'model'] as const)
          expect(await listed({ orderBy, ...filter })).not.toContain(cats2)
      await store.finishDeletion(OTHER, V2)
      expect(await listed({ query: 'cats' })).toEqual([cats1])
    })
  })
}
