import { createHash } from 'node:crypto'
import { linkSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { searchTexts, sqlite, versions } from '../support/dist.ts'
import { BUCKET, type DataSet, metadataOf, SPARE_OBJECT, versionsOf } from './data-set.ts'

const WEIGHTS = Buffer.alloc(1024, 'weights ')
const SHA256 = createHash('sha256').update(WEIGHTS).digest('hex')
/** ext4 takes 65,000 links to a file. */
const LINKS_EACH = 50_000

/** Makes the registry under `home` that has the versions of `set`, each with its file, an alias and a deployment. */
export async function seed(home: string, set: DataSet): Promise<void> {
  mkdirSync(home, { recursive: true })
  await seedDatabase(join(home, 'registry.db'), set)
  seedObjects(join(home, 'artifacts'), set)
}

function addressOf(modelId: string, version: string): string {
  return `s3://${BUCKET}/${modelId}/${version}/weights.bin`
}

function seedObjects(root: string, set: DataSet): void {
  const pathOf = (address: string) => join(root, address.slice('s3://'.length))
  const spare = pathOf(SPARE_OBJECT)
  mkdirSync(dirname(spare), { recursive: true })
  writeFileSync(spare, WEIGHTS)
  let original = ''
  for (const { modelId, version, n } of versionsOf(set)) {
    const path = pathOf(addressOf(modelId, version))
    mkdirSync(dirname(path), { recursive: true })
    if (n % LINKS_EACH > 0) {
      linkSync(original, path)
      continue
    }
    writeFileSync(path, WEIGHTS)
    original = path
  }
}

/**
 * The rows that saving would write, in one transaction. The triggers that fill the search tables for one version at a
 * time are put aside meanwhile: filled at once, those take seconds instead of half a minute.
 */
async function seedDatabase(path: string, set: DataSet): Promise<void> {
  const { openSqliteMetadataStore } = await sqlite()
  await (await openSqliteMetadataStore({ path, durability: 'none' })).close()
  const database = new DatabaseSync(path)
  database.exec('pragma synchronous = off; pragma cache_size = -200000; begin immediate')
  const triggers = database.prepare("select name, sql from sqlite_schema where type = 'trigger'").all()
  for (const { name } of triggers) database.exec(`drop trigger ${String(name)}`)
  await insertRows(database, set)
  database.exec(`
    insert into version_tags (version_id, name, value)
      select v.id, key, value from trained_models v, json_each(v.tags);
    insert into version_search (rowid, text) select id, search_text from trained_models;
    insert into version_search (version_search) values ('optimize');`)
  for (const { sql } of triggers) database.exec(String(sql))
  database.exec('commit; analyze')
  database.close()
}

async function insertRows(database: DatabaseSync, set: DataSet): Promise<void> {
  const [{ sortKey, parseVersion }, { searchText }] = await Promise.all([versions(), searchTexts()])
  const model = database.prepare(
    'insert into models (model_id, folded, next_number, created_at) values (?, lower(?1), 1, ?)',
  )
  const version = database.prepare(`insert into trained_models
    (id, model_id, version, number, sort_key, stable, state, save_id, model_type, accuracy, s3_path, layout,
      description, metadata, tags, digest, size, created_at, created_by, updated_at, search_text)
    values (?, ?, ?, ?, ?, 1, 'ready', ?, ?, ?, ?, 'file', ?, ?, ?, ?, ?, ?, 'bench', ?, ?)`)
  const file = database.prepare(`insert into files
    (version_id, path, size, sha256, media_type, address, ownership)
    values (?, 'weights.bin', ?, ?, 'application/octet-stream', ?, 'caller')`)
  const alias = database.prepare(
    "insert into aliases (model_id, alias, version_id) values (?, 'champion', ?)",
  )
  const deployment = database.prepare(`insert into deployments
    (model_id, version, version_id, environment, status, fence, deployed_at, deployed_by)
    values (?, ?, ?, 'production', 'active', 1, ?, 'bench')`)
  const history = database.prepare(
    "insert into history (at, actor, action, model_id, version, details) values (?, 'bench', 'saved', ?, ?, ?)",
  )
  const now = Date.now()
  for (const { modelId, version: name, number, n } of versionsOf(set)) {
    const id = n + 1
    const {
      modelType,
      accuracy,
      description,
      tags,
      modelId: _,
      version: __,
      ...fixed
    } = metadataOf(modelId, name, n)
    const address = addressOf(modelId, name)
    const text = searchText(modelId, description, tags)
    if (number === 1) model.run(modelId, now)
    version.run(
      id,
      modelId,
      name,
      number,
      sortKey(parseVersion(name)),
      `seed-${n}`,
      modelType,
      accuracy,
      address,
      description,
      JSON.stringify(fixed),
      JSON.stringify(tags),
      SHA256,
      WEIGHTS.length,
      now,
      now,
      text,
    )
    file.run(id, WEIGHTS.length, SHA256, address)
    history.run(now, modelId, name, JSON.stringify({ number }))
    if (number === 5) alias.run(modelId, id)
    if (number === 3) deployment.run(modelId, name, id, now)
  }
  database.exec(`update models set next_number =
    1 + (select max(number) from trained_models v where v.model_id = models.model_id)`)
}
