import { afterEach, beforeEach, describe } from 'vitest'
import { deploymentClauses } from './testing/deployment-clauses.js'
import { getClauses } from './testing/get-clauses.js'
import { historyClauses } from './testing/history-clauses.js'
import { listClauses } from './testing/list-clauses.js'
import { loadClauses } from './testing/load-clauses.js'
import { createFixture, type OpenRegistry } from './testing/registry-fixture.js'
import { saveClauses } from './testing/save-clauses.js'
import { versionClauses } from './testing/version-clauses.js'

/** What every way to a registry must do: in this process and over HTTP alike. */
export function registryContract(way: string, open: OpenRegistry): void {
  describe(`Registry contract: ${way}`, () => {
    const fixture = createFixture(open)
    beforeEach(() => fixture.restart({}))
    afterEach(() => fixture.under.close())

    saveClauses(fixture)
    getClauses(fixture)
    loadClauses(fixture)
    listClauses(fixture)
    versionClauses(fixture)
    deploymentClauses(fixture)
    historyClauses(fixture)
  })
}
