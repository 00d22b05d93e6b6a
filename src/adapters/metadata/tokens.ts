import type { Sha256 } from '../../domain/sha256.js'
import type { MetadataStore, StoredToken } from '../../ports/metadata-store.js'
import type { SqlEngine } from './engine.js'
import type { Parameters } from './prepared.js'
import type { Schema } from './schema.js'

/** Access tokens, by their hashes. */
export function tokens(
  engine: SqlEngine,
): Pick<MetadataStore, 'addToken' | 'findToken' | 'listTokens' | 'removeToken'> {
  const { queries } = engine

  const insert = queries.prepare((db, p: Parameters<Schema['access_tokens']>) =>
    db
      .insertInto('access_tokens')
      .values({ name: p.name, hash: p.hash, scopes: p.scopes, created_at: p.created_at })
      .onConflict((conflict) => conflict.column('name').doNothing()),
  )
  const byHash = queries.prepare((db, p: Parameters<{ hash: Sha256 }>) =>
    db.selectFrom('access_tokens').selectAll().where('hash', '=', p.hash),
  )
  const list = queries.prepare((db) => db.selectFrom('access_tokens').selectAll().orderBy('name'))
  const remove = queries.prepare((db, p: Parameters<{ name: string }>) =>
    db.deleteFrom('access_tokens').where('name', '=', p.name),
  )

  return {
    addToken: ({ name, hash, scopes, createdAt }) =>
      engine.write('addToken', async (session) => {
        const row = { name, hash, scopes: JSON.stringify(scopes), created_at: createdAt }
        return (await session.run(insert, row)) > 0
      }),

    findToken: (hash) =>
      engine.read('findToken', async (session) => {
        const row = await session.first(byHash, { hash })
        return row === undefined ? undefined : toToken(row)
      }),

    listTokens: () =>
      engine.read('listTokens', async (session) => (await session.all(list, {})).map(toToken)),

    removeToken: (name) =>
      engine.write('removeToken', async (session) => (await session.run(remove, { name })) > 0),
  }
}

function toToken(row: Schema['access_tokens']): StoredToken {
  return { name: row.name, hash: row.hash, scopes: JSON.parse(row.scopes), createdAt: row.created_at }
}
