import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import pg from 'pg'
import { metadataOf, modelName, SPARE_OBJECT, versionName, WEIGHTS } from '../metadata/data-set.ts'
import { postgres, searchTexts, versions } from '../support/dist.ts'

const SHA256 = createHash('sha256').update(WEIGHTS).digest('hex')
export const VERSIONS_EACH = 10

/** Writes what saving the versions would write: models of ten versions each, all with the one file of the store. */
export async function seed(url: string, artifacts: string, models: number): Promise<void> {
  const { openPostgresMetadataStore } = await postgres()
  await (await openPostgresMetadataStore({ url })).close()
  const object = join(artifacts, SPARE_OBJECT.slice('s3://'.length))
  mkdirSync(dirname(object), { recursive: true })
  writeFileSync(object, WEIGHTS)
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  // What depends on the rows is made once at the end, and not for each row.
  await client.query('alter table trained_models disable trigger user; drop index versions_by_text')
  const [{ sortKey, parseVersion }, { searchText }] = await Promise.all([versions(), searchTexts()])
  const now = Date.now()
  const at = new Date(now).toISOString()
  const batch = 500
  for (let first = 0; first < models; first += batch) {
    const rows = []
    for (let model = first; model < Math.min(models, first + batch); model++)
      for (let index = 0; index < VERSIONS_EACH; index++) {
        const [modelId, version, n] = [modelName(model), versionName(index), model * VERSIONS_EACH + index]
        const {
          modelType,
          accuracy,
          description,
          tags,
          modelId: _,
          version: __,
          ...metadata
        } = metadataOf(modelId, version, n)
        const file = {
          ...{ path: 'weights.bin', size: WEIGHTS.length, sha256: SHA256 },
          ...{ mediaType: 'application/octet-stream', address: SPARE_OBJECT, ownership: 'caller' },
        }
        const record = {
          ...{ modelId, version, number: index + 1, modelType, s3Path: SPARE_OBJECT, tags, ...metadata },
          ...{ files: [file], size: file.size, digest: SHA256, aliases: [], environments: [] },
          ...{ deploymentStatus: 'inactive', createdAt: at, createdBy: 'bench', updatedAt: at },
          ...{ accuracy, description },
        }
        rows.push({
          ...{
            id: n + 1,
            model_id: modelId,
            version,
            number: index + 1,
            sort_key: sortKey(parseVersion(version)),
          },
          ...{
            stable: 1,
            state: 'ready',
            save_id: `seed-${n}`,
            model_type: modelType,
            accuracy,
            layout: 'file',
          },
          ...{
            s3_path: SPARE_OBJECT,
            description,
            metadata: JSON.stringify(metadata),
            tags: JSON.stringify(tags),
          },
          ...{ digest: SHA256, size: file.size, created_at: now, created_by: 'bench', updated_at: now },
          ...{ search_text: searchText(modelId, description, tags), record: JSON.stringify(record) },
        })
      }
    const json = JSON.stringify(rows)
    await client.query(
      `insert into models (model_id, folded, next_number, created_at)
         select distinct model_id, lower(model_id), ${VERSIONS_EACH + 1}, ${now} from json_populate_recordset(null::trained_models, $1)`,
      [json],
    )
    await client.query(
      `insert into trained_models select * from json_populate_recordset(null::trained_models, $1)`,
      [json],
    )
  }
  await client.query(
    `insert into files (version_id, path, size, sha256, media_type, address, ownership)
       select id, 'weights.bin', size, digest, 'application/octet-stream', s3_path, 'caller' from trained_models;
     insert into version_tags (name, value, version_id)
       select key, value, id from trained_models, json_each_text(tags::json);
     insert into aliases (model_id, alias, version_id)
       select model_id, 'champion', id from trained_models where number = 5;
     insert into history (at, actor, action, model_id, version, details)
       select created_at, created_by, 'saved', model_id, version, '{}' from trained_models;
     select setval(pg_get_serial_sequence('trained_models', 'id'), (select max(id) from trained_models));
     create index versions_by_text on trained_models using gin (modelry_trigrams(search_text)) where state = 'ready';
     alter table trained_models enable trigger user`,
  )
  await client.query('vacuum analyze')
  await client.end()
}
