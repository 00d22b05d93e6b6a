import { openPostgresMetadataStore } from '../../../src/adapters/metadata/postgres.js'
import { connect } from '../postgres/connect.js'

/** Begins the names of the schemas that are made, and removed again, in a database that is not ours alone. */
export const PREFIX = 'modelry_conformance_'

/**
 * Makes schemas with the tables of a registry in a database behind PostgREST, and has it expose them.
 *
 * https://docs.postgrest.org/en/stable/references/configuration.html#in-database-configuration
 */
export async function makeSchemas(databaseUrl: string, schemas: readonly string[]): Promise<void> {
  for (const schema of schemas) {
    const store = await openPostgresMetadataStore({ url: databaseUrl, schema, poolSize: 1 })
    await store.close()
  }
  await administer(
    databaseUrl,
    `alter role authenticator set pgrst.db_schemas = '${['public', ...schemas].join(', ')}';
     notify pgrst, 'reload config'; notify pgrst, 'reload schema'`,
  )
}

export async function removeSchemas(databaseUrl: string, schemas: readonly string[]): Promise<void> {
  const dropped = schemas.map((schema) => `drop schema if exists ${schema} cascade`)
  await administer(
    databaseUrl,
    [...dropped, 'alter role authenticator reset pgrst.db_schemas', `notify pgrst, 'reload config'`].join(
      ';',
    ),
  )
}

async function administer(databaseUrl: string, sql: string): Promise<void> {
  const client = await connect(databaseUrl)
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
