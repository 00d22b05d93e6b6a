import { sql } from 'kysely'
import type { MetadataStore } from '../../ports/metadata-store.js'
import { aliases } from './aliases.js'
import { approvals } from './approvals.js'
import { changes } from './changes.js'
import { deletions } from './deletions.js'
import { deployments } from './deployments.js'
import type { SqlEngine } from './engine.js'
import { recordFinder } from './find-record.js'
import { idempotency } from './idempotency.js'
import { recordKeeper } from './keep-record.js'
import { history } from './list-history.js'
import { listing } from './list-models.js'
import { locks } from './locks.js'
import { pending } from './pending.js'
import { toRecord, toText } from './record.js'
import { historyRecorder } from './record-history.js'
import { saves } from './saves.js'
import { tokens } from './tokens.js'
import { transfer } from './transfer.js'
import { unfinished } from './unfinished.js'
import { versions } from './versions.js'

/** The registry's metadata in SQL, by whichever engine runs it. Each topic has a file of its own. */
export function sqlMetadataStore(engine: SqlEngine): MetadataStore {
  const ping = engine.queries.prepare((db) =>
    db.selectFrom('trained_models').select('id').orderBy('id').limit(sql.lit(1)),
  )
  const records = recordFinder(engine.queries)
  const keep = recordKeeper(engine.queries)
  const record = historyRecorder(engine.queries)
  const { findVersion, listVersions, neighbours } = versions(engine, records)
  const listModels = listing(engine)
  return {
    ...saves(engine, records, record),
    findVersion: (modelId, ref) => findVersion(modelId, ref, toRecord),
    listVersions: (modelId, page) => listVersions(modelId, page, toRecord),
    listModels: (filter) => listModels(filter, toRecord),
    texts: {
      findVersion: (modelId, ref) => findVersion(modelId, ref, toText),
      listVersions: (modelId, page) => listVersions(modelId, page, toText),
      listModels: (filter) => listModels(filter, toText),
    },
    neighbours,
    ...changes(engine, records, keep, record),
    ...aliases(engine, records, record),
    ...approvals(engine, records, keep, record),
    ...deletions(engine, records, record),
    ...unfinished(engine),
    ...pending(engine, records, keep, record),
    ...locks(engine),
    ...deployments(engine, record),
    ...history(engine, record),
    ...idempotency(engine),
    ...tokens(engine),
    ...transfer(engine, keep),
    check: async () => {
      await engine.read('a check', async (session) => {
        await session.first(ping, {})
      })
      engine.checkStorage('a check')
    },
    reclaimSpace: () => engine.reclaimSpace(),
    close: () => engine.close(),
  }
}
