import { fixClauses } from './testing/fix-clauses.js'
import {
  cut,
  deploy,
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
  effects: [],
  async provoke(shop) {
    await save(shop)
    await save(shop, '2.0.0')
    const other = await lock(shop)
    return { call: () => deploy(shop), settle: () => other.deploys() }
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
