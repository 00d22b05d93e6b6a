import { describe, expect, it } from 'vitest'
import {
  CHAMPION,
  contentOf,
  draftOf,
  failureOf,
  fileOf,
  LEASE_MS,
  type MetadataSubject,
  MODEL,
  PRODUCTION,
  sha256,
  V1,
} from './metadata-subject.js'

const run = { key: 'k', owner: 'one run' }

/** What the messages say instead of names that nobody knows who does not know the code. */
const inWords = new Map([
  ['check', 'a check'],
  ['listUnfinished', 'a listing of saves'],
])

export function lifeClauses(subject: () => MetadataSubject): void {
  describe('the life of a store', () => {
    it('answers a check, empty or not', async () => {
      const { store, saved } = subject()
      await store.check()
      await saved(MODEL, V1)
      await store.check()
    })

    it('gives back room without losing anything, and says how much', async () => {
      const { store, saved } = subject()
      const record = await saved(MODEL, V1)
      expect(await store.reclaimSpace()).toBeGreaterThanOrEqual(0)
      expect(await store.findVersion(MODEL, { is: 'latest' })).toEqual(record)
      expect(await store.reclaimSpace()).toBe(0)
    })

    it('finishes what was begun before it closes', async () => {
      const { store } = subject()
      const draft = draftOf(MODEL, V1)
      const saving = store.recordVersion(draft, contentOf(draft))
      const closing = store.close()
      expect(await saving).toMatchObject({ is: 'published' })
      await closing
      await store.close()
    })

    it('refuses every call after it is closed, with the reason', async () => {
      const { store } = subject()
      await store.close()
      const draft = draftOf(MODEL, V1)
      const lock = { modelId: MODEL, environment: PRODUCTION, lockId: 'l' }
      const calls: Record<string, () => Promise<unknown>> = {
        reserveVersion: () => store.reserveVersion(draft, LEASE_MS),
        recordVersion: () => store.recordVersion(draft, contentOf(draft)),
        renewReservation: () => store.renewReservation('s', LEASE_MS),
        addFile: () => store.addFile('s', fileOf(draft, 'a'), LEASE_MS),
        publishVersion: () => store.publishVersion('s', contentOf(draft), 'ann'),
        findSave: () => store.findSave('s'),
        releaseReservation: () => store.releaseReservation('s'),
        findVersion: () => store.findVersion(MODEL, { is: 'latest' }),
        listVersions: () => store.listVersions(MODEL, { limit: 1 }),
        listModels: () => store.listModels({ limit: 1, orderBy: 'newest' }),
        'texts.findVersion': () => store.texts.findVersion(MODEL, { is: 'latest' }),
        'texts.listVersions': () => store.texts.listVersions(MODEL, { limit: 1 }),
        'texts.listModels': () => store.texts.listModels({ limit: 1, orderBy: 'newest' }),
        neighbours: () => store.neighbours('a', 1),
        updateVersion: () => store.updateVersion(MODEL, V1, {}, 'ann'),
        setAlias: () => store.setAlias(MODEL, CHAMPION, V1, 'ann'),
        removeAlias: () => store.removeAlias(MODEL, CHAMPION, 'ann'),
        releaseExpiredLock: () => store.releaseExpiredLock(MODEL, PRODUCTION),
        approve: () => store.approve(MODEL, V1, PRODUCTION, 'ann'),
        revokeApproval: () => store.revokeApproval(MODEL, V1, PRODUCTION, 'ann', 'bob'),
        archiveVersion: () => store.archiveVersion(MODEL, V1, 'ann'),
        restoreVersion: () => store.restoreVersion(MODEL, V1, 'ann'),
        beginDeletion: () => store.beginDeletion(MODEL, V1, 'ann'),
        finishDeletion: () => store.finishDeletion(MODEL, V1),
        findDeletion: () => store.findDeletion(MODEL, V1),
        isBeingDeleted: () => store.isBeingDeleted(draft.saveId),
        acquireLock: () => store.acquireLock({ ...lock, holder: 'h', purpose: 'p', leaseMs: LEASE_MS }),
        findLock: () => store.findLock(MODEL, PRODUCTION),
        renewLock: () => store.renewLock(lock, LEASE_MS),
        releaseLock: () => store.releaseLock(lock),
        activate: () => store.activate({ lock, version: V1, actor: 'ann' }),
        findActive: () => store.findActive(MODEL, PRODUCTION),
        findDeployment: () => store.findDeployment('1'),
        wasActive: () => store.wasActive(MODEL, V1, 'production'),
        listDeployments: () => store.listDeployments({ limit: 1 }),
        listHistory: () => store.listHistory({ limit: 1 }),
        announceFiles: () => store.announceFiles(draft.saveId, []),
        listUnfinished: () => store.listUnfinished(),
        listPending: () => store.listPending(),
        settlePending: () => store.settlePending(draft.s3Path, 'here', 'ann'),
        heldElsewhere: () => store.heldElsewhere('nobody', []),
        knownAddresses: () => store.knownAddresses([]),
        beginIdempotent: () =>
          store.beginIdempotent({ ...run, fingerprint: sha256('k'), leaseMs: LEASE_MS, keepMs: 1 }),
        finishIdempotent: () => store.finishIdempotent(run, { status: 200, body: '' }),
        renewIdempotent: () => store.renewIdempotent(run, LEASE_MS),
        forgetIdempotent: () => store.forgetIdempotent(run),
        addToken: () => store.addToken({ name: 'n', hash: sha256('n'), scopes: [], createdAt: '' }),
        findToken: () => store.findToken(sha256('n')),
        listTokens: () => store.listTokens(),
        withdrawSave: () => store.withdrawSave('a', 'b', LEASE_MS),
        removeToken: () => store.removeToken('n'),
        exportRows: () => store.exportRows(async () => {}),
        compareRows: () => store.compareRows(async function* () {}),
        importRows: () => store.importRows(async function* () {}),
        check: () => store.check(),
        recordBreakerReset: () => store.recordBreakerReset('ann', {}),
        reclaimSpace: () => store.reclaimSpace(),
      }
      const texts = Object.keys(store.texts).map((name) => `texts.${name}`)
      expect(Object.keys(calls).sort()).toEqual(
        [...Object.keys(store), ...texts].filter((name) => name !== 'close' && name !== 'texts').sort(),
      )
      for (const [operation, call] of Object.entries(calls))
        expect(await failureOf(call())).toMatchObject({
          code: 'DATABASE_ERROR',
          reason: { id: 'store-closed' },
          outcome: 'not-applied',
          context: { operation: inWords.get(operation) ?? operation.replace('texts.', '') },
        })
    })
  })
}
