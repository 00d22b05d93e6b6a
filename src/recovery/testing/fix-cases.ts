import type { FixUnderTest } from './fix-clauses.js'
import {
  approve,
  cut,
  deploy,
  environment,
  filledByLog,
  lock,
  lockDatabase,
  modelId,
  onSmallDisk,
  reserve,
  save,
  saveLarge,
} from './provoke.js'
import { LEASE_MS } from './repair-shop.js'

/** A failure of the embedded stores, and the repair that ends it. */
export interface FixCase extends FixUnderTest {
  /** How it comes about. */
  readonly how: string
}

export const fixCases: readonly FixCase[] = [
  {
    how: 'a save into a locked database',
    code: 'DATABASE_ERROR',
    cause: 'sqlite-busy',
    fix: 'wait-for-database',
    effects: ['probe-row'],
    async provoke(shop) {
      const settle = lockDatabase(shop)
      return { call: () => save(shop), settle }
    },
  },

  {
    how: 'a deployment into a locked database',
    code: 'DEPLOYMENT_FAILED',
    cause: 'transaction-failed',
    fix: 'wait-for-database',
    effects: ['probe-row'],
    async provoke(shop) {
      await save(shop)
      const settle = lockDatabase(shop)
      return { call: () => deploy(shop), settle }
    },
  },

  {
    how: 'a version that another save has reserved',
    code: 'DUPLICATE_MODEL',
    cause: 'save-in-progress',
    fix: 'wait-for-save',
    effects: [],
    async provoke(shop) {
      await reserve(shop)
      return { call: () => save(shop), settle: () => shop.advance(LEASE_MS) }
    },
  },

  {
    how: 'a deployment after another one',
    code: 'CONCURRENT_DEPLOYMENT',
    cause: 'deployment-in-progress',
    fix: 'wait-for-deployment',
    effects: ['deployment-lock'],
    async provoke(shop) {
      await save(shop)
      await save(shop, '2.0.0')
      const other = await lock(shop)
      return { call: () => deploy(shop), settle: () => other.deploys() }
    },
  },

  {
    how: 'a deployment after one whose process died',
    code: 'CONCURRENT_DEPLOYMENT',
    cause: 'deployment-in-progress',
    fix: 'wait-for-deployment',
    effects: ['deployment-lock'],
    async provoke(shop) {
      await save(shop)
      await lock(shop)
      return { call: () => deploy(shop), settle: () => shop.advance(LEASE_MS) }
    },
  },

  {
    how: 'a deployment whose own lease ran out',
    code: 'DEPLOYMENT_FAILED',
    cause: 'lease-lost',
    fix: 'wait-for-deployment',
    effects: ['deployment-lock'],
    async provoke(shop) {
      await save(shop)
      // The first time that the version is tested, its process is paused for too long.
      let pausedMs = LEASE_MS + 1
      const smokeTest = () => {
        shop.advance(pausedMs)
        pausedMs = 0
      }
      const call = () => shop.registry.deployModel(modelId, '1.0.0', { environment, smokeTest })
      return { call, settle: () => {}, waits: 'no' }
    },
  },

  {
    how: 'a deployment that nobody has approved',
    code: 'DEPLOYMENT_FAILED',
    cause: 'policy-not-met',
    fix: 'recheck-policy',
    effects: [],
    async provoke(shop) {
      await save(shop)
      return {
        call: () => shop.registry.deployModel(modelId, '1.0.0', { environment: 'guarded' }),
        settle: () => approve(shop),
      }
    },
  },

  {
    how: 'a file that was cut',
    code: 'S3_DOWNLOAD_FAILED',
    cause: 'length-mismatch',
    fix: 'reread-file',
    effects: [],
    async provoke(shop) {
      const settle = await cut(shop)
      return { call: () => shop.registry.getModel(modelId, '1.0.0', { verify: 'content' }), settle }
    },
  },

  {
    how: 'a disk that the log of the database has filled',
    code: 'DATABASE_ERROR',
    cause: 'sqlite-full',
    fix: 'checkpoint-database',
    effects: ['database-log', 'probe-row'],
    open: onSmallDisk,
    async provoke(shop) {
      const settle = await filledByLog(shop)
      return { call: () => saveLarge(shop), settle, waits: 'no' }
    },
  },
]
