import { DatabaseSync } from 'node:sqlite'
import { sqlite } from '../support/dist.ts'

/**
 * The peer's database: the JSON of every version of the registry at `path`, ready to be sent, with the least that it
 * takes to find it in the ways that are measured.
 */
export async function buildPeerDatabase(path: string, registry: string): Promise<void> {
  const database = new DatabaseSync(path)
  database.exec(`
    pragma journal_mode = wal; pragma synchronous = off; begin;
    create table versions (id integer primary key, model_id text not null, version text not null, number integer,
      body text, unique (model_id, version));
    create index versions_by_number on versions (model_id, number);
    create table tags (tag text not null, id integer not null, primary key (tag, id)) without rowid;
    create table aliases (model_id text not null, alias text not null, version text not null,
      primary key (model_id, alias)) without rowid;
    create table deployments (id integer primary key, model_id text not null, version text not null,
      environment text not null);`)
  const version = database.prepare('insert into versions values (?, ?, ?, ?, ?)')
  const tag = database.prepare('insert into tags values (?, ?)')
  const alias = database.prepare('insert into aliases values (?, ?, ?)')
  const { openSqliteMetadataStore } = await sqlite()
  const store = await openSqliteMetadataStore({ path: registry })
  let cursor: string | undefined
  let id = 0
  do {
    const page = await store.listModels({ limit: 1000, orderBy: 'oldest', cursor })
    for (const record of page) {
      id += 1
      version.run(id, record.modelId, record.version, record.number, JSON.stringify(record))
      for (const [name, value] of Object.entries(record.tags)) tag.run(`${name}=${value}`, id)
      for (const name of record.aliases) alias.run(record.modelId, name, record.version)
    }
    cursor = page.nextCursor
  } while (cursor !== undefined)
  await store.close()
  database.exec('commit; analyze')
  database.close()
}
