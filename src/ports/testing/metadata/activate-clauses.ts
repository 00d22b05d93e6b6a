import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { parseModelId } from '../../../domain/model-id.js'
import { LEASE_MS, type MetadataSubject, MODEL, PRODUCTION, STAGING, V1, V2, V3 } from './metadata-subject.js'

const lockToTake = () => ({
  ...{ modelId: MODEL, environment: PRODUCTION, lockId: randomUUID() },
  ...{ holder: 'bob', purpose: 'deploy', leaseMs: LEASE_MS },
})

export function activateClauses(subject: () => MetadataSubject): void {
  describe('making a version active', () => {
    it('gives the deployment, and the version is active there', async () => {
      const { store, saved, locked, clock } = subject()
      const { createdAt } = await saved(MODEL, V1)
      const lock = await locked()
      clock.advance(1000)
      const answer = await store.activate({ lock, version: V1, actor: 'bob' })
      if (answer.is !== 'activated') throw new Error(answer.is)
      const { id, ...deployment } = answer.deployment
      expect(deployment).toEqual({
        modelId: MODEL,
        version: V1,
        environment: PRODUCTION,
        status: 'active',
        fence: 1,
        deployedAt: new Date(Date.parse(createdAt) + 1000).toISOString(),
        deployedBy: 'bob',
      })
      expect(await store.findActive(MODEL, PRODUCTION)).toEqual(answer.deployment)
      expect(await store.findDeployment(id)).toEqual(answer.deployment)
      expect(await store.findVersion(MODEL, { is: 'version', version: V1 })).toMatchObject({
        deploymentStatus: 'active',
        environments: ['production'],
      })
    })

    it('takes a lock that it is to take, and gives it back', async () => {
      const { store, saved } = subject()
      for (const version of [V1, V2]) await saved(MODEL, version)
      for (const version of [V1, V2]) {
        const answer = await store.activate({ lock: lockToTake(), version, actor: 'bob' })
        expect(answer).toMatchObject({ is: 'activated', deployment: { version } })
        expect(await store.findLock(MODEL, PRODUCTION)).toBeUndefined()
      }
      expect(await store.activate({ lock: lockToTake(), version: V2, actor: 'bob' })).toMatchObject({
        is: 'unchanged',
      })
      expect(await store.findLock(MODEL, PRODUCTION)).toBeUndefined()
    })

    it('answers with who has the lock that it is to take, and changes nothing', async () => {
      const { store, saved, deployed, locked, clock } = subject()
      for (const version of [V1, V2]) await saved(MODEL, version)
      await deployed(V1)
      const held = await locked()
      clock.advance(1000)
      expect(await store.activate({ lock: lockToTake(), version: V2, actor: 'bob' })).toEqual({
        is: 'held',
        holder: 'ann',
        purpose: 'deploy',
        expiresInMs: LEASE_MS - 1000,
      })
      expect(await store.findActive(MODEL, PRODUCTION)).toMatchObject({ version: V1 })
      expect(await store.renewLock(held, LEASE_MS)).toBe(true)
      clock.advance(LEASE_MS)
      expect(await store.activate({ lock: lockToTake(), version: V2, actor: 'bob' })).toMatchObject({
        is: 'activated',
      })
    })

    it('supersedes what was active, in that environment of that model alone', async () => {
      const { store, saved, deployed, clock } = subject()
      const other = parseModelId('other')
      for (const version of [V1, V2]) await saved(MODEL, version)
      await saved(other, V1)
      await deployed(V1, PRODUCTION, other)
      await deployed(V1, STAGING)
      const first = await deployed(V1, PRODUCTION)
      clock.advance(1000)
      const second = await deployed(V2, PRODUCTION)
      expect(second).toMatchObject({ previousId: first.id, previousVersion: V1 })
      expect(await store.findDeployment(first.id)).toEqual({
        ...first,
        status: 'superseded',
        supersededAt: second.deployedAt,
      })
      expect(await store.findActive(MODEL, PRODUCTION)).toEqual(second)
      expect((await store.findActive(MODEL, STAGING))?.version).toBe(V1)
      expect((await store.findActive(other, PRODUCTION))?.version).toBe(V1)
      expect(await store.findVersion(MODEL, { is: 'version', version: V1 })).toMatchObject({
        deploymentStatus: 'active',
        environments: ['staging'],
      })
    })

    it('lets no deployment end before it began, whatever the clock does', async () => {
      const { saved, deployed, store, clock } = subject()
      for (const version of [V1, V2]) await saved(MODEL, version)
      const first = await deployed(V1)
      clock.advance(-5000)
      const second = await deployed(V2)
      expect(second.deployedAt).toBe(first.deployedAt)
      expect(await store.findDeployment(first.id)).toMatchObject({ supersededAt: first.deployedAt })
    })

    it('lets the fence grow with each deployment of a place, and with nothing else', async () => {
      const { saved, deployed } = subject()
      for (const version of [V1, V2]) await saved(MODEL, version)
      const fences = []
      for (const version of [V1, V2, V1, V2]) fences.push((await deployed(version, PRODUCTION)).fence)
      expect(fences).toEqual([1, 2, 3, 4])
      expect((await deployed(V1, STAGING)).fence).toBe(1)
    })

    it('changes nothing when the version is active already', async () => {
      const { store, saved, deployed, locked } = subject()
      await saved(MODEL, V1)
      const deployment = await deployed(V1)
      const lock = await locked()
      expect(await store.activate({ lock, version: V1, actor: 'bob' })).toEqual({
        is: 'unchanged',
        deployment,
      })
      expect(await store.listDeployments({ limit: 10 })).toEqual([deployment])
      expect(await store.listHistory({ limit: 10 })).toHaveLength(2)
    })

    it('needs the lock: held, of that place, and with its lease not ended', async () => {
      const { store, saved, locked, clock } = subject()
      await saved(MODEL, V1)
      const lock = await locked(PRODUCTION)
      const activate = (changes: Partial<typeof lock>) =>
        store.activate({ lock: { ...lock, ...changes }, version: V1, actor: 'bob' })
      expect(await activate({ lockId: randomUUID() })).toEqual({ is: 'lease-lost' })
      expect(await activate({ environment: STAGING })).toEqual({ is: 'lease-lost' })
      clock.advance(LEASE_MS)
      expect(await activate({})).toEqual({ is: 'lease-lost' })
      await locked(PRODUCTION)
      expect(await activate({})).toEqual({ is: 'lease-lost' })
      expect(await store.findActive(MODEL, PRODUCTION)).toBeUndefined()
      expect(await store.listHistory({ limit: 10 })).toHaveLength(1)
    })

    it('keeps the lock until it is given back', async () => {
      const { store, saved, locked } = subject()
      await saved(MODEL, V1)
      const lock = await locked()
      await store.activate({ lock, version: V1, actor: 'bob' })
      expect(await store.renewLock(lock, LEASE_MS)).toBe(true)
    })

    it('compares before it sets', async () => {
      const { store, saved, locked, deployed } = subject()
      for (const version of [V1, V2, V3]) await saved(MODEL, version)
      const lock = await locked()
      const activate = (version: typeof V1, expectedActive: typeof V1 | null) =>
        store.activate({ lock, version, expectedActive, actor: 'bob' })
      expect(await activate(V1, V2)).toEqual({ is: 'unexpected-active', active: null })
      expect(await activate(V1, null)).toMatchObject({ is: 'activated' })
      expect(await activate(V2, null)).toEqual({ is: 'unexpected-active', active: V1 })
      expect(await activate(V2, V3)).toEqual({ is: 'unexpected-active', active: V1 })
      expect(await activate(V2, V1)).toMatchObject({ is: 'activated' })
      expect((await store.findActive(MODEL, PRODUCTION))?.version).toBe(V2)
      await deployed(V1, STAGING)
    })

    it('refuses a version that is archived, deleted, still being saved or not there', async () => {
      const { store, saved, locked } = subject()
      for (const version of [V1, V2]) await saved(MODEL, version)
      await store.archiveVersion(MODEL, V1, 'ann')
      await store.beginDeletion(MODEL, V2, 'ann')
      const lock = await locked()
      const why = { [V1]: 'archived', [V2]: 'missing', [V3]: 'missing' }
      for (const version of [V1, V2, V3])
        expect(await store.activate({ lock, version, actor: 'bob' })).toEqual({
          is: 'not-deployable',
          why: why[version],
        })
      await store.restoreVersion(MODEL, V1, 'ann')
      expect(await store.activate({ lock, version: V1, actor: 'bob' })).toMatchObject({ is: 'activated' })
    })

    it('brings back no other version than the one that served, although it has the name', async () => {
      const { store, saved, deployed, locked } = subject()
      for (const version of [V1, V2]) await saved(MODEL, version)
      const first = await deployed(V1)
      const second = await deployed(V2)
      await store.beginDeletion(MODEL, V1, 'ann')
      await store.finishDeletion(MODEL, V1)
      await saved(MODEL, V1)
      const rollback = { of: second.id, restores: first.id }
      expect(await store.activate({ lock: await locked(), version: V1, rollback, actor: 'ann' })).toEqual({
        is: 'not-deployable',
        why: 'missing',
      })
    })

    it('names what a rollback undoes and what it brings back', async () => {
      const { store, saved, deployed, locked } = subject()
      for (const version of [V1, V2]) await saved(MODEL, version)
      const first = await deployed(V1)
      const second = await deployed(V2)
      const lock = await locked()
      const answer = await store.activate({
        lock,
        version: V1,
        rollback: { of: second.id, restores: first.id },
        actor: 'bob',
      })
      expect(answer).toMatchObject({
        is: 'activated',
        deployment: {
          version: V1,
          fence: 3,
          previousId: second.id,
          previousVersion: V2,
          rollbackOf: second.id,
          restores: first.id,
        },
      })
      if (answer.is !== 'activated') throw new Error(answer.is)
      expect(await store.findDeployment(answer.deployment.id)).toEqual(answer.deployment)
      expect(second).not.toHaveProperty('rollbackOf')
      expect(second).not.toHaveProperty('restores')
    })

    it('leaves at most one active when many deploy at once', async () => {
      const { store, saved } = subject()
      const versions = [V1, V2, V3]
      for (const version of versions) await saved(MODEL, version)
      await Promise.all(
        Array.from({ length: 24 }, async (_, i) => {
          const lock = { modelId: MODEL, environment: PRODUCTION, lockId: randomUUID() }
          const held = await store.acquireLock({
            ...lock,
            holder: `ci:${i}`,
            purpose: 'deploy',
            leaseMs: LEASE_MS,
          })
          const version = versions[i % versions.length]
          if (version === undefined) throw new Error('no version')
          const answer = await store.activate({ lock, version, actor: `ci:${i}` })
          expect(answer.is === 'lease-lost').toBe(held.is === 'held')
          await store.releaseLock(lock)
        }),
      )
      const deployments = await store.listDeployments({ limit: 100 })
      expect(deployments.filter(({ status }) => status === 'active')).toHaveLength(1)
      const chain = [...deployments].reverse()
      expect(chain.map(({ fence }) => fence)).toEqual(chain.map((_, i) => i + 1))
      for (const [i, deployment] of chain.entries()) expect(deployment.previousId).toBe(chain[i - 1]?.id)
    })
  })
}
