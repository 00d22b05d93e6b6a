import { describe, expect, it } from 'vitest'
import { type MetadataSubject, MODEL, PRODUCTION, STAGING, V1, V2 } from './metadata-subject.js'

export function approvalClauses(subject: () => MetadataSubject): void {
  const ready = { is: 'version', version: V1 } as const
  const approvalsOf = async () => (await subject().store.findVersion(MODEL, ready))?.approvals

  describe('an approval', () => {
    it('is shown on the version, with who gave it, for where and when', async () => {
      const { store, saved, clock } = subject()
      const { createdAt } = await saved(MODEL, V1)
      await saved(MODEL, V2)
      clock.advance(1000)
      const approvedAt = new Date(Date.parse(createdAt) + 1000).toISOString()
      await store.approve(MODEL, V1, STAGING, 'bob')
      await store.approve(MODEL, V1, PRODUCTION, 'cyd')
      const record = await store.approve(MODEL, V1, PRODUCTION, 'bob')
      expect(record?.approvals).toEqual([
        { environment: PRODUCTION, approvedBy: 'bob', approvedAt },
        { environment: PRODUCTION, approvedBy: 'cyd', approvedAt },
        { environment: STAGING, approvedBy: 'bob', approvedAt },
      ])
      expect(await store.findVersion(MODEL, ready)).toEqual(record)
      expect(await store.findVersion(MODEL, { is: 'version', version: V2 })).not.toHaveProperty('approvals')
    })

    it('is given once by the same name, and told in the history with the digest', async () => {
      const { store, saved } = subject()
      const { digest } = await saved(MODEL, V1)
      await store.approve(MODEL, V1, PRODUCTION, 'bob')
      await store.approve(MODEL, V1, PRODUCTION, 'bob')
      expect(await approvalsOf()).toHaveLength(1)
      const history = await store.listHistory({ limit: 10, modelId: MODEL, version: V1 })
      expect(history).toHaveLength(2)
      expect(history[0]).toMatchObject({
        actor: 'bob',
        action: 'approved',
        environment: PRODUCTION,
        details: { digest },
      })
    })

    it('can be taken back, by another too, and the history says whose it was', async () => {
      const { store, saved } = subject()
      await saved(MODEL, V1)
      await store.approve(MODEL, V1, PRODUCTION, 'bob')
      await store.approve(MODEL, V1, PRODUCTION, 'cyd')
      await store.revokeApproval(MODEL, V1, PRODUCTION, 'bob', 'ann')
      expect(await approvalsOf()).toMatchObject([{ approvedBy: 'cyd' }])
      const [last] = await store.listHistory({ limit: 1 })
      expect(last).toMatchObject({
        actor: 'ann',
        action: 'approval-revoked',
        environment: PRODUCTION,
        details: { approvedBy: 'bob' },
      })
      await store.revokeApproval(MODEL, V1, PRODUCTION, 'bob', 'ann')
      expect(await store.listHistory({ limit: 10 })).toHaveLength(4)
    })

    it('needs a version that is there', async () => {
      const { store } = subject()
      expect(await store.approve(MODEL, V1, PRODUCTION, 'bob')).toBeUndefined()
      expect(await store.revokeApproval(MODEL, V1, PRODUCTION, 'bob', 'ann')).toBeUndefined()
    })

    it('goes with its version: another one of the same name has none', async () => {
      const { store, saved } = subject()
      await saved(MODEL, V1)
      await store.approve(MODEL, V1, PRODUCTION, 'bob')
      await store.beginDeletion(MODEL, V1, 'ann')
      await store.finishDeletion(MODEL, V1)
      expect(await saved(MODEL, V1)).not.toHaveProperty('approvals')
      expect(await approvalsOf()).toBeUndefined()
    })
  })

  describe('a deployment that needs approvals', () => {
    it('counts those that others gave for that environment, in the transaction itself', async () => {
      const { store, saved, locked } = subject()
      await saved(MODEL, V1)
      const lock = await locked(PRODUCTION)
      const activate = () => store.activate({ lock, version: V1, actor: 'ann', approvals: 2 })
      expect(await activate()).toEqual({ is: 'not-approved', approvedBy: [] })
      await store.approve(MODEL, V1, PRODUCTION, 'bob')
      await store.approve(MODEL, V1, PRODUCTION, 'ann')
      await store.approve(MODEL, V1, STAGING, 'cyd')
      expect(await activate()).toEqual({ is: 'not-approved', approvedBy: ['bob'] })
      await store.approve(MODEL, V1, PRODUCTION, 'cyd')
      await store.revokeApproval(MODEL, V1, PRODUCTION, 'bob', 'bob')
      expect(await activate()).toEqual({ is: 'not-approved', approvedBy: ['cyd'] })
      expect(await store.findActive(MODEL, PRODUCTION)).toBeUndefined()
      await store.approve(MODEL, V1, PRODUCTION, 'bob')
      const answer = await activate()
      expect(answer).toMatchObject({ is: 'activated', deployment: { approvedBy: ['bob', 'cyd'] } })
      if (answer.is !== 'activated') throw new Error(answer.is)
      expect(await store.findDeployment(answer.deployment.id)).toEqual(answer.deployment)
      const [last] = await store.listHistory({ limit: 1 })
      expect(last).toMatchObject({ action: 'deployed', details: { approvedBy: ['bob', 'cyd'] } })
    })

    it('is not named as approved where none are asked for', async () => {
      const { store, saved, deployed } = subject()
      await saved(MODEL, V1)
      await store.approve(MODEL, V1, PRODUCTION, 'bob')
      expect(await deployed(V1)).not.toHaveProperty('approvedBy')
    })
  })
}
