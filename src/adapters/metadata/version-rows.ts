import { sql } from 'kysely'
import type { RecordText } from '../../domain/model-record.js'
import type { Sha256 } from '../../domain/sha256.js'
import { isStable, sortKey } from '../../domain/version.js'
import type { VersionDraft } from '../../ports/metadata-store.js'
import type { Queries } from './engine.js'
import type { FixedMetadata } from './keep-record.js'
import type { Parameters, Prepared } from './prepared.js'
import type { Schema } from './schema.js'
import { searchText } from './search-text.js'

/** What a draft decides of a version's row. */
export type DraftedRow = Pick<
  Schema['trained_models'],
  | 'model_id'
  | 'version'
  | 'sort_key'
  | 'stable'
  | 'save_id'
  | 'model_type'
  | 'accuracy'
  | 's3_path'
  | 'layout'
  | 'description'
  | 'announced'
  | 'metadata'
  | 'tags'
  | 'created_by'
  | 'search_text'
>

export function draftedRow(draft: VersionDraft): DraftedRow {
  const {
    saveId,
    modelId,
    version,
    modelType,
    accuracy,
    s3Path,
    layout,
    description,
    tags,
    announced,
    adopts: _,
    actor,
    ...rest
  } = draft
  const fixed: FixedMetadata = rest
  return {
    model_id: modelId,
    version,
    sort_key: sortKey(version),
    stable: isStable(version) ? 1 : 0,
    save_id: saveId,
    model_type: modelType,
    accuracy: accuracy ?? null,
    s3_path: s3Path,
    layout,
    description: description ?? null,
    announced: announced === undefined ? null : JSON.stringify(announced),
    metadata: JSON.stringify(fixed),
    tags: JSON.stringify(tags ?? {}),
    created_by: actor,
    search_text: searchText(modelId, description, tags),
  }
}

/** A version that is visible from the start, with its record. */
export type ReadyRow = DraftedRow & {
  readonly number: number
  readonly digest: Sha256
  readonly size: number
  readonly record: RecordText
}

export interface VersionInserts {
  readonly saving: Prepared<DraftedRow & { leaseMs: number }, unknown>
  readonly ready: Prepared<ReadyRow, { id: number }>
}

/** Inserts that do nothing when the version exists in any state: the unique key decides races. */
export function versionInserts(queries: Queries): VersionInserts {
  const { now } = queries.dialect
  const drafted = (p: Parameters<DraftedRow>) => ({
    model_id: p.model_id,
    version: p.version,
    sort_key: p.sort_key,
    stable: p.stable,
    save_id: p.save_id,
    model_type: p.model_type,
    accuracy: p.accuracy,
    s3_path: p.s3_path,
    layout: p.layout,
    description: p.description,
    announced: p.announced,
    metadata: p.metadata,
    tags: p.tags,
    created_at: now,
    created_by: p.created_by,
    updated_at: now,
    search_text: p.search_text,
  })
  return {
    saving: queries.prepare((db, p: Parameters<DraftedRow & { leaseMs: number }>) =>
      db
        .insertInto('trained_models')
        .values({
          ...drafted(p),
          state: sql.lit('saving'),
          lease_expires_at: sql<number>`${now} + ${p.leaseMs}`,
          lease_ms: p.leaseMs,
        })
        .onConflict((conflict) => conflict.columns(['model_id', 'version']).doNothing()),
    ),
    ready: queries.prepare((db, p: Parameters<ReadyRow>) =>
      db
        .insertInto('trained_models')
        .values({
          ...drafted(p),
          state: sql.lit('ready'),
          number: p.number,
          digest: p.digest,
          size: p.size,
          record: p.record,
        })
        .onConflict((conflict) => conflict.columns(['model_id', 'version']).doNothing())
        .returning('id'),
    ),
  }
}
