import { fixClauses } from './testing/fix-clauses.js'
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
} from './testing/provoke.js'
import { LEASE_MS } from './testing/repair-shop.js'

fixClauses('a save into a locked database', {
  fix: 'wait-for-database',
  effects: ['probe-row'],
  async provoke(shop) {
    const settle = lockDatabase(shop)
    return { call: () => save(shop), settle }
  },
})

fixClauses('a deployment into a locked database', {
  fix: 'wait-for-database',
  effects: ['probe-row'],
  async provoke(shop) {
    await save(shop)
    const settle = lockDatabase(shop)
    return { call: () => deploy(shop), settle }
  },
})

fixClauses('a version that another save has reserved', {
  fix: 'release-reservation',
  effects: ['reservation'],
  async provoke(shop) {
    await reserve(shop)
    return { call: () => save(shop), settle: () => shop.advance(LEASE_MS) }
  },
})

fixClauses('a deployment after another one', {
  fix: 'wait-for-deployment',
  effects: ['deployment-lock'],
  async provoke(shop) {
    await save(shop)
    await save(shop, '2.0.0')
    const other = await lock(shop)
    return { call: () => deploy(shop), settle: () => other.deploys() }
  },
})

fixClauses('a deployment after one whose process died', {
  fix: 'wait-for-deployment',
  effects: ['deployment-lock'],
  async provoke(shop) {
    await save(shop)
    await lock(shop)
    return { call: () => deploy(shop), settle: () => shop.advance(LEASE_MS) }
  },
})

fixClauses('a deployment whose own lease ran out', {
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
})

fixClauses('a deployment that nobody has approved', {
  fix: 'recheck-policy',
  effects: [],
  async provoke(shop) {
    await save(shop)
    return {
      call: () => shop.registry.deployModel(modelId, '1.0.0', { environment: 'guarded' }),
      settle: () => approve(shop),
    }
  },
})

fixClauses('a file that was cut', {
  fix: 'reread-file',
  effects: [],
  async provoke(shop) {
    const settle = await cut(shop)
    return { call: () => shop.registry.getModel(modelId, '1.0.0', { verify: 'content' }), settle }
  },
})

fixClauses('a disk that the log of the database has filled', {
  fix: 'checkpoint-database',
  effects: ['database-log', 'probe-row'],
  open: onSmallDisk,
  async provoke(shop) {
    const settle = await filledByLog(shop)
    return { call: () => saveLarge(shop), settle, waits: 'no' }
  },
})
