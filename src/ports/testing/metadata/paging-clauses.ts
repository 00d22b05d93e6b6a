import { beforeEach, describe, expect, it } from 'vitest'
import { parseModelId } from '../../../domain/model-id.js'
import { modelOrders } from '../../../domain/query.js'
import { parseVersion } from '../../../domain/version.js'
import type { VersionFilter } from '../../metadata-store.js'
import {
  allPages,
  failureOf,
  type MetadataSubject,
  nameOf,
  PRODUCTION,
  STAGING,
  V1,
  V2,
} from './metadata-subject.js'

const MODELS = ['m0', 'm1', 'm2', 'm3'].map(parseModelId)
const VERSIONS = ['1.0.0', '1.1.0', '1.2.0', '2.0.0', '2.1.0-rc.1'].map(parseVersion)

/** Each lets through most of the versions below. */
const FILTERS: readonly Partial<VersionFilter>[] = [
  {},
  { tag: 'stage' },
  { tag: 'stage=prod' },
  { query: 'predicts' },
  { query: 'm' },
  { modelType: 'lstm' },
  { deploymentStatus: 'inactive' },
  { deploymentStatus: 'active' },
  { deploymentStatus: 'archived' },
  { environment: 'production' },
  { tag: 'stage=prod', modelType: 'lstm', query: 'predicts' },
]

export function pagingClauses(subject: () => MetadataSubject): void {
  describe('paging', () => {
    beforeEach(async () => {
      const { saved, deployed, store } = subject()
      // Accuracies repeat, so that pages end between equals.
      for (const [i, version] of VERSIONS.entries())
        for (const model of MODELS) await saved(model, version, { ...common(), accuracy: (i % 3) / 2 })
      for (const model of MODELS) {
        await deployed(V1, PRODUCTION, model)
        await deployed(V1, STAGING, model)
        await deployed(V2, STAGING, model)
        await store.archiveVersion(model, parseVersion('1.1.0'), 'ann')
      }
    })

    for (const orderBy of modelOrders) {
      it(`by ${orderBy} gives with every filter what one large page gives`, async () => {
        const { store } = subject()
        for (const filter of FILTERS) {
          const whole = await store.listModels({ limit: 1000, orderBy, ...filter })
          expect(whole.nextCursor).toBeUndefined()
          expect(whole.length).toBeGreaterThan(3)
          for (const limit of [1, 3, whole.length]) {
            const pages = await allPages((cursor) => store.listModels({ limit, cursor, orderBy, ...filter }))
            expect(pages.map(nameOf)).toEqual(whole.map(nameOf))
          }
        }
      })

      it(`by ${orderBy} neither loses nor repeats anything while versions are saved and deleted`, async () => {
        const { store, saved } = subject()
        for (const filter of FILTERS) {
          const before = (await store.listModels({ limit: 1000, orderBy, ...filter })).map(nameOf)
          const pages = await allPages(
            (cursor) => store.listModels({ limit: 4, cursor, orderBy, ...filter }),
            async (page) => {
              // Then it stops, since an order that new versions come last in would never end.
              if (page > 3) return
              const round = FILTERS.indexOf(filter)
              const version = parseVersion(`9.${round}.${page}`)
              for (const name of ['m0', 'm2', 'a', 'z'])
                await saved(parseModelId(name), version, { ...common(), accuracy: page / 1000 })
              await store.beginDeletion(parseModelId('m2'), version, 'ann')
            },
          )
          const names = pages.map(nameOf)
          expect(new Set(names).size).toBe(names.length)
          expect(names.filter((name) => before.includes(name))).toEqual(before)
        }
      })
    }

    it('gives no cursor with the last page, also when that page is full', async () => {
      const { store } = subject()
      const whole = await store.listModels({ limit: 20, orderBy: 'newest' })
      expect(whole).toHaveLength(20)
      expect(whole.nextCursor).toBeUndefined()
      expect((await store.listModels({ limit: 19, orderBy: 'newest' })).nextCursor).toEqual(
        expect.any(String),
      )
    })

    it('goes on from a cursor whose version was deleted', async () => {
      const { store } = subject()
      const first = await store.listModels({ limit: 5, orderBy: 'newest' })
      const last = first.at(-1)
      if (last === undefined) throw new Error('the page is empty')
      await store.beginDeletion(last.modelId, last.version, 'ann')
      const rest = await store.listModels({ limit: 100, orderBy: 'newest', cursor: first.nextCursor })
      expect(rest).toHaveLength(15)
    })

    it('refuses a cursor of another order, another filter or another listing', async () => {
      const { store } = subject()
      const filter = { limit: 2, orderBy: 'newest', tag: 'stage=prod' } as const
      const { nextCursor: cursor } = await store.listModels(filter)
      expect(await store.listModels({ ...filter, cursor })).toHaveLength(2)
      expect(await store.listModels({ ...filter, limit: 3, cursor })).toHaveLength(3)
      const refused = { code: 'MODEL_VALIDATION_FAILED', context: { validationErrors: [{ path: 'cursor' }] } }
      for (const other of [
        { orderBy: 'oldest' },
        { orderBy: 'model' },
        { orderBy: 'accuracy' },
        { tag: 'stage' },
        { tag: undefined },
        { query: 'predicts' },
        { modelType: 'lstm' },
        { deploymentStatus: 'active' },
        { environment: 'production' },
      ] as const)
        expect(await failureOf(store.listModels({ ...filter, ...other, cursor }))).toMatchObject(refused)
      expect(await failureOf(store.listHistory({ limit: 2, cursor }))).toMatchObject(refused)
      expect(await failureOf(store.listDeployments({ limit: 2, cursor }))).toMatchObject(refused)
    })

    it('refuses what no store gave', async () => {
      const { store } = subject()
      const { nextCursor } = await store.listModels({ limit: 2, orderBy: 'newest' })
      const given = Buffer.from(nextCursor ?? '', 'base64url').toString()
      const forged = [
        given.replace(/\d+\]$/, '"1"]'),
        given.replace(/\d+\]$/, '1,2]'),
        given.replace(/,\d+\]$/, ']'),
      ]
      for (const cursor of [
        '',
        'x',
        '0',
        'null',
        'W10',
        '☃',
        ...forged.map((text) => Buffer.from(text).toString('base64url')),
      ])
        expect(await failureOf(store.listModels({ limit: 2, orderBy: 'newest', cursor }))).toMatchObject({
          code: 'MODEL_VALIDATION_FAILED',
        })
    })
  })
}

function common() {
  return { tags: { stage: 'prod' }, description: 'Predicts' }
}
