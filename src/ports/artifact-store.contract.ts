import { afterEach, beforeEach, describe } from 'vitest'
import type { ArtifactStore } from './artifact-store.js'
import { type ContractSubject, contractSubject } from './testing/contract-subject.js'
import { lifeClauses } from './testing/life-clauses.js'
import { listClauses } from './testing/list-clauses.js'
import { openClauses } from './testing/open-clauses.js'
import { putClauses } from './testing/put-clauses.js'
import { unfinishedClauses } from './testing/unfinished-clauses.js'

/**
 * What every artifact store does, whatever is behind it.
 *
 * @param open - gives a store that can be written to; called once for each test.
 * @param bucket - is there, or comes to be by writing to it. Each test keeps to a folder of its own in it.
 */
export function artifactStoreContract(
  driver: string,
  open: () => Promise<ArtifactStore>,
  bucket = 'modelry-contract',
): void {
  describe(`ArtifactStore contract: ${driver}`, () => {
    let subject: ContractSubject
    beforeEach(async () => {
      subject = await contractSubject(await open(), bucket)
    })
    afterEach(() => subject.store.close())

    const current = () => subject
    putClauses(current)
    openClauses(current)
    listClauses(current)
    lifeClauses(current)
    unfinishedClauses(current)
  })
}
