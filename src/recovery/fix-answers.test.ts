import { readFile, truncate, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../test/support/temporary-folder.js'
import { leaseLost } from '../errors/causes/objects.js'
import { policyNotMet } from '../errors/causes/registry.js'
import { DeploymentError } from '../errors/deployment-failed/error.js'
import { fromParts } from '../sources/from-parts.js'
import { errorOf } from './testing/fix-clauses.js'
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
  pathOf,
  publish,
  reserve,
  save,
  saveLarge,
} from './testing/provoke.js'
import { LEASE_MS, metadata, repairShop } from './testing/repair-shop.js'

describe('a disk that the log of the database has filled', () => {
  it('stays too full for the call when nothing is repaired', async ({ skip }) => {
    const shop = await onSmallDisk(skip)
    const settle = await filledByLog(shop)
    await settle()
    expect((await errorOf(() => saveLarge(shop))).reason.id).toBe('sqlite-full')
  })

  it('is said to stay too full while there is no room even for the repair', async ({ skip }) => {
    const shop = await onSmallDisk(skip)
    await filledByLog(shop)
    const error = await errorOf(() => saveLarge(shop))
    expect(await error.attemptAutoFix()).toBe(false)
    expect(error.lastFix).toMatchObject({
      ended: 'not-fixed',
      seen: [expect.stringContaining('still takes no changes (sqlite-full).')],
    })
  })
})

describe('a version that another save has reserved', () => {
  it('stays taken when that save is published, and the repair says so', async () => {
    const shop = await repairShop()
    const saveId = await reserve(shop)
    const error = await errorOf(() => save(shop))
    shop.meanwhile(() => publish(shop, saveId))
    expect(await error.attemptAutoFix()).toBe(false)
    expect(error.lastFix).toMatchObject({
      ended: 'not-fixed',
      done: [],
      seen: [
        'Another save of btc-lstm@1.0.0 is under way.',
        expect.stringContaining('The other save was published by other at '),
      ],
    })
  })

  it('is left to a save that lives: its lease is renewed, and the repair runs out of time', async () => {
    const shop = await repairShop()
    const saveId = await reserve(shop)
    const error = await errorOf(() => save(shop))
    const renew = async () => {
      expect(await shop.metadata.renewReservation(saveId, LEASE_MS)).toBe(true)
      shop.meanwhile(renew)
    }
    shop.meanwhile(renew)
    expect(await error.attemptAutoFix({ timeoutMs: 100 })).toBe(false)
    expect(error.lastFix).toMatchObject({ ended: 'timed-out', done: [] })
    expect(shop.effects).toEqual([])
  })

  it('can be saved once the lease of that save has run out, and keeps what it has stored for the next one', async () => {
    const shop = await repairShop()
    const saveId = await reserve(shop)
    const error = await errorOf(() => save(shop))
    await error.attemptAutoFix()
    expect(error.lastFix?.seen).toContainEqual(
      'The lease of the other save has run out: the next save of btc-lstm@1.0.0 takes its place.',
    )
    expect((await shop.metadata.listUnfinished()).map((one) => one.saveId)).toEqual([saveId])
    expect(error.getTroubleshootingGuide()).toContain('Tried: wait-for-save, fixed')
    expect(error.toJSON().lastFix).toEqual(error.lastFix)
  })
})

describe('a deployment after another one', () => {
  it('says which version the other one made active', async () => {
    const shop = await repairShop()
    await save(shop)
    await save(shop, '2.0.0')
    const other = await lock(shop)
    const error = await errorOf(() => deploy(shop))
    shop.meanwhile(() => other.deploys())
    expect(await error.attemptAutoFix()).toBe(true)
    expect(error.lastFix?.seen).toEqual([
      'The lock of btc-lstm in production is held for ci:7, to deploy 2.0.0.',
      expect.stringContaining('btc-lstm@2.0.0 is active in production, deployed by ci at '),
    ])
  })

  it('can be made when the process of the other one has died', async () => {
    const shop = await repairShop()
    await save(shop)
    await lock(shop)
    const error = await errorOf(() => deploy(shop))
    expect(await error.attemptAutoFix()).toBe(true)
    expect(error.lastFix?.seen.at(-1)).toContain('no version of btc-lstm is active in production')
    expect(error.lastFix?.done).toEqual([
      'The lock of btc-lstm in production was removed: the lease of ci:7, to deploy 2.0.0, had run out.',
    ])
    await deploy(shop)
  })

  it('cannot be made when another version is active than it expects', async () => {
    const shop = await repairShop()
    await save(shop)
    await save(shop, '2.0.0')
    const other = await lock(shop)
    const error = await errorOf(() =>
      shop.registry.deployModel(modelId, '1.0.0', { environment, expectedActive: null }),
    )
    shop.meanwhile(() => other.deploys())
    expect(await error.attemptAutoFix()).toBe(false)
    expect(error.lastFix?.seen.at(-1)).toBe(
      'The call expects nothing to be active in production, which it is not.',
    )
  })

  it('cannot be made when the version was archived meanwhile', async () => {
    const shop = await repairShop()
    await save(shop)
    await lock(shop)
    const error = await errorOf(() => deploy(shop))
    await shop.registry.archiveModel(modelId, '1.0.0')
    expect(await error.attemptAutoFix()).toBe(false)
    expect(error.lastFix?.seen.at(-1)).toBe('btc-lstm@1.0.0 is archived, and cannot be deployed.')
  })

  it('is not waited for by a rollback, which would undo it', async () => {
    const shop = await repairShop()
    await save(shop)
    await deploy(shop)
    await lock(shop)
    const error = await errorOf(() => shop.registry.rollbackDeployment(modelId, 'production'))
    expect(error.code).toBe('CONCURRENT_DEPLOYMENT')
    expect(await error.planAutoFix()).toMatchObject({
      applicability: 'none',
      reason: expect.stringContaining('a rollback would undo that one'),
    })
    expect(await error.attemptAutoFix()).toBe(false)
  })
})

describe('a version that does not meet the policy', () => {
  const refused = (shop: Awaited<ReturnType<typeof repairShop>>) =>
    errorOf(() => shop.registry.deployModel(modelId, '1.0.0', { environment: 'guarded' }))

  it('is deployed after the approval that the repair waited for', async () => {
    const shop = await repairShop()
    await save(shop)
    const error = await refused(shop)
    expect((await error.planAutoFix()).steps).toMatchObject([
      { needs: 'Others than tester to approve it for guarded.' },
    ])
    shop.meanwhile(() => approve(shop))
    expect(await error.attemptAutoFix()).toBe(true)
    expect(error.lastFix?.seen).toEqual([
      'btc-lstm@1.0.0 does not meet the policy of guarded: an approval by somebody other than tester is asked for, and nobody gave one.',
      'btc-lstm@1.0.0 meets the policy of guarded.',
    ])
  })

  it('is not waited for when it was archived meanwhile', async () => {
    const shop = await repairShop()
    await save(shop)
    const error = await refused(shop)
    await shop.registry.archiveModel(modelId, '1.0.0')
    expect(await error.attemptAutoFix()).toBe(false)
    expect(error.lastFix?.seen).toEqual([
      'btc-lstm@1.0.0 does not meet the policy of guarded: it is archived.',
    ])
  })

  it('is not waited for when its metrics are too low, since they never change', async () => {
    const shop = await repairShop()
    await save(shop)
    const { context } = await refused(shop)
    const error = new DeploymentError(
      { modelId, ...context, policy: { minimumMetrics: { accuracy: 0.9 } } },
      { reason: policyNotMet },
    )
    shop.equip(error)
    expect(await error.attemptAutoFix()).toBe(false)
    expect(error.lastFix?.seen).toHaveLength(1)
  })
})

describe('a rollback whose lease ran out', () => {
  it('is not made again by itself', async () => {
    const error = new DeploymentError(
      { modelId, environment, operation: 'The rollback' },
      { reason: leaseLost },
    )
    const shop = await repairShop()
    shop.equip(error)
    expect(await error.planAutoFix()).toMatchObject({
      applicability: 'none',
      reason: expect.stringContaining('decide again'),
    })
  })
})

describe('a file that was cut', () => {
  it('stays refused when it is not put back', async () => {
    const shop = await repairShop()
    await cut(shop)
    const error = await errorOf(() => shop.registry.getModel(modelId, '1.0.0'))
    expect(await error.attemptAutoFix()).toBe(false)
    expect(error.lastFix).toMatchObject({
      ended: 'not-fixed',
      seen: [expect.stringMatching(/is not as it was saved: it has 3 bytes where \d+ were saved\.$/)],
    })
  })

  it('is read again for whoever was reading its bytes', async () => {
    const shop = await repairShop()
    const putBack = await cut(shop)
    const model = await shop.registry.loadModel(modelId, '1.0.0')
    const reads = {
      json: () => model.json(),
      bytes: () => model.bytes(),
      stream: async () => {
        for await (const piece of model.stream()) expect(piece).toBeInstanceOf(Uint8Array)
      },
      saveTo: async () => model.saveTo(await temporaryFolder()),
    }
    const errors = await Promise.all(Object.values(reads).map(errorOf))
    await putBack()
    for (const error of errors) expect(await error.attemptAutoFix()).toBe(true)
    for (const read of Object.values(reads)) await read()
  })

  it('is refused with a reason when another file of the version is damaged as well', async () => {
    const shop = await repairShop()
    const saved = await shop.registry.saveModel(fromParts({ a: [1], b: [2] }), metadata)
    const [first, second] = saved.files
    if (first === undefined || second === undefined) throw new TypeError('the version has two files')
    const bytes = await readFile(pathOf(shop, first))
    await truncate(pathOf(shop, first), 0)
    await truncate(pathOf(shop, second), 0)
    const error = await errorOf(() => shop.registry.getModel(modelId, '1.0.0', { verify: 'content' }))
    await writeFile(pathOf(shop, first), bytes)
    expect(await error.attemptAutoFix()).toBe(false)
    expect(error.lastFix?.seen.at(-1)).toMatch(/^getModel was called again, and fails: .*\.$/)
  })
})

describe('a locked database', () => {
  it('that stays locked ends the repair at its time limit', async () => {
    const shop = await repairShop()
    lockDatabase(shop)
    const error = await errorOf(() => save(shop))
    // Long enough for a first look on a busy machine.
    expect(await error.attemptAutoFix({ timeoutMs: 1_500 })).toBe(false)
    expect(error.lastFix).toMatchObject({
      fix: 'wait-for-database',
      ended: 'timed-out',
      seen: [expect.stringMatching(/registry\.db takes no changes yet \(sqlite-busy\)\.$/)],
    })
  })

  it('ends the repair when the caller does', async () => {
    const shop = await repairShop()
    lockDatabase(shop)
    const error = await errorOf(() => save(shop))
    const caller = new AbortController()
    shop.meanwhile(() => caller.abort())
    expect(await error.attemptAutoFix({ signal: caller.signal })).toBe(false)
    expect(error.lastFix?.ended).toBe('aborted')
  })
})
