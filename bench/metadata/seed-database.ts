import { createHash } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { searchTexts, sqlite, versions } from '../support/dist.ts'
import { addressOf, type DataSet, metadataOf, type SeedVersion, versionsOf, WEIGHTS } from './data-set.ts'

const SHA256 = createHash('sha256').update(WEIGHTS).digest('hex')
/** In each model, the version of this number has the alias `champion`. */
const CHAMPION = 5
/** In each model, the version of this number is active in production. */
const ACTIVE = 3

/**
 * Writes the rows that saving the versions would write, in one transaction. The triggers that fill the search tables for
 * one version at a time are put aside meanwhile: filled at once, those take seconds instead of half a minute.
 */
export async function seedDatabase(path: string, set: DataSet): Promise<void> {
  const { openSqliteMetadataStore } = await sqlite()
  await (await openSqliteMetadataStore({ path, durability: 'none' })).close()
  const database = new DatabaseSync(path)
  database.exec('pragma synchronous = off; pragma cache_size = -200000; begin immediate')
  const triggers = database.prepare("select name, sql from sqlite_schema where type = 'trigger'").all()
  for (const { name } of triggers) database.exec(`drop trigger ${String(name)}`)
  const insert = await inserting(database)
  for (const version of versionsOf(set)) insert(version)
  database.exec(`
    update models set next_number = 1 + (select max(number) from trained_models v where v.model_id = models.model_id);
    insert into version_tags (version_id, name, value)
      select v.id, key, value from trained_models v, json_each(v.tags);
    insert into version_search (rowid, text) select id, search_text from trained_models;
    insert into version_search (version_search) values ('optimize');`)
  for (const { sql } of triggers) database.exec(String(sql))
  database.exec('commit; analyze')
  database.close()
}

async function inserting(database: DatabaseSync): Promise<(version: SeedVersion) => void> {
  const [{ sortKey, parseVersion }, { searchText }] = await Promise.all([versions(), searchTexts()])
  const now = Date.now()
  const into = (table: string, columns: readonly string[]) => {
    const marks = columns.map((column) => `:${column}`)
    return database.prepare(`insert into ${table} (${columns.join(', ')}) values (${marks.join(', ')})`)
  }
  const model = into('models', ['model_id', 'folded', 'created_at'])
  const row = into('trained_models', [
    ...['id', 'model_id', 'version', 'number', 'sort_key', 'stable', 'state', 'save_id', 'model_type'],
    ...['accuracy', 's3_path', 'layout', 'description', 'metadata', 'tags', 'digest', 'size'],
    ...['created_at', 'created_by', 'updated_at', 'search_text', 'record'],
  ])
  const file = into('files', ['version_id', 'path', 'size', 'sha256', 'media_type', 'address', 'ownership'])
  const alias = into('aliases', ['model_id', 'alias', 'version_id'])
  const deployment = into('deployments', [
    ...['model_id', 'version', 'version_id', 'environment', 'status', 'fence', 'deployed_at', 'deployed_by'],
  ])
  const history = into('history', ['at', 'actor', 'action', 'model_id', 'version', 'details'])

  return ({ modelId, version, number, n }) => {
    const id = n + 1
    const { modelType, accuracy, description, tags, ...rest } = metadataOf(modelId, version, n)
    const { modelId: _, version: __, ...metadata } = rest
    const stored = {
      path: 'weights.bin',
      size: WEIGHTS.length,
      sha256: SHA256,
      mediaType: 'application/octet-stream',
      address: addressOf(modelId, version),
      ownership: 'caller',
    }
    const at = new Date(now).toISOString()
    const { inputShape, outputShape, metrics, framework, hyperparameters, lineage } = metadata
    const record = {
      ...{
        modelId,
        version,
        number,
        modelType,
        inputShape,
        outputShape,
        s3Path: stored.address,
        metrics,
        tags,
      },
      ...{ files: [stored], size: stored.size, digest: SHA256 },
      aliases: number === CHAMPION ? ['champion'] : [],
      environments: number === ACTIVE ? ['production'] : [],
      deploymentStatus: number === ACTIVE ? 'active' : 'inactive',
      ...{ createdAt: at, createdBy: 'bench', updatedAt: at },
      ...{ accuracy, description, framework, hyperparameters, lineage },
    }
    if (number === 1) model.run({ model_id: modelId, folded: modelId.toLowerCase(), created_at: now })
    row.run({
      ...{ id, model_id: modelId, version, number, sort_key: sortKey(parseVersion(version)), stable: 1 },
      ...{ state: 'ready', save_id: `seed-${n}`, model_type: modelType, accuracy, s3_path: stored.address },
      ...{ layout: 'file', description, metadata: JSON.stringify(metadata), tags: JSON.stringify(tags) },
      ...{ digest: SHA256, size: stored.size, created_at: now, created_by: 'bench', updated_at: now },
      ...{ search_text: searchText(modelId, description, tags), record: JSON.stringify(record) },
    })
    const { path, size, sha256, mediaType: media_type, address, ownership } = stored
    file.run({ version_id: id, path, size, sha256, media_type, address, ownership })
    history.run({
      ...{ at: now, actor: 'bench', action: 'saved', model_id: modelId, version },
      details: JSON.stringify({ number }),
    })
    if (number === CHAMPION) alias.run({ model_id: modelId, alias: 'champion', version_id: id })
    if (number === ACTIVE)
      deployment.run({
        ...{ model_id: modelId, version, version_id: id, environment: 'production', status: 'active' },
        ...{ fence: 1, deployed_at: now, deployed_by: 'bench' },
      })
  }
}
