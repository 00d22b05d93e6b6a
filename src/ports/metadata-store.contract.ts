import { afterEach, beforeEach, describe, onTestFinished } from 'vitest'
import type { MetadataStore } from './metadata-store.js'
import { activateClauses } from './testing/metadata/activate-clauses.js'
import { aliasClauses } from './testing/metadata/alias-clauses.js'
import { approvalClauses } from './testing/metadata/approval-clauses.js'
import { archiveClauses } from './testing/metadata/archive-clauses.js'
import { deleteClauses } from './testing/metadata/delete-clauses.js'
import { deploymentClauses } from './testing/metadata/deployment-clauses.js'
import { findClauses } from './testing/metadata/find-clauses.js'
import { historyClauses } from './testing/metadata/history-clauses.js'
import { idempotencyClauses } from './testing/metadata/idempotency-clauses.js'
import { lifeClauses } from './testing/metadata/life-clauses.js'
import { listClauses } from './testing/metadata/list-clauses.js'
import { lockClauses } from './testing/metadata/lock-clauses.js'
import {
  type MetadataSubject,
  metadataSubject,
  type StoreClock,
} from './testing/metadata/metadata-subject.js'
import { pagingClauses } from './testing/metadata/paging-clauses.js'
import { pendingClauses } from './testing/metadata/pending-clauses.js'
import { publishClauses } from './testing/metadata/publish-clauses.js'
import { recordClauses } from './testing/metadata/record-clauses.js'
import { reserveClauses } from './testing/metadata/reserve-clauses.js'
import { scanClauses } from './testing/metadata/scan-clauses.js'
import { tokenClauses } from './testing/metadata/token-clauses.js'
import { transferClauses } from './testing/metadata/transfer-clauses.js'

/**
 * What every metadata store does, whatever is behind it.
 *
 * @param open - gives an empty store of its own each time, and the clock it goes by.
 */
export function metadataStoreContract(
  driver: string,
  open: () => Promise<{ store: MetadataStore; clock: StoreClock }>,
): void {
  describe(`MetadataStore contract: ${driver}`, () => {
    let subject: MetadataSubject
    beforeEach(async () => {
      subject = metadataSubject(await open())
    })
    afterEach(() => subject.store.close())

    const current = () => subject
    reserveClauses(current)
    publishClauses(current)
    findClauses(current)
    listClauses(current)
    recordClauses(current)
    pagingClauses(current)
    aliasClauses(current)
    archiveClauses(current)
    deleteClauses(current)
    scanClauses(current)
    pendingClauses(current)
    lockClauses(current)
    activateClauses(current)
    deploymentClauses(current)
    approvalClauses(current)
    historyClauses(current)
    idempotencyClauses(current)
    tokenClauses(current)
    transferClauses(current, async () => {
      const { store } = await open()
      onTestFinished(() => store.close())
      return store
    })
    lifeClauses(current)
  })
}
