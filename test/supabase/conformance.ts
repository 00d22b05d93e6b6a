import { afterAll, beforeAll } from 'vitest'
import { openSupabaseMetadataStore } from '../../src/adapters/metadata/supabase.js'
import { manualClock } from '../../src/adapters/metadata/testing/manual-clock.js'
import { metadataStoreContract } from '../../src/ports/metadata-store.contract.js'
import { eventually } from '../support/eventually.js'
import { emptySchema } from '../support/postgres/emptied.js'
import { makeSchemas, PREFIX, removeSchemas } from '../support/supabase/schemas.js'

// Against a PostgREST that is already there, real or not: `npm run conformance:supabase`. A test opens up to three stores,
// each of which needs a schema of its own.
const schemas = ['a', 'b', 'c', 'd'].map((letter) => `${PREFIX}${letter}`)
const url = given('SUPABASE_URL')
const serviceRoleKey = given('SUPABASE_SERVICE_ROLE_KEY')
const databaseUrl = given('SUPABASE_DB_URL')

function given(name: string): string {
  const value = process.env[name]
  if (value === undefined || value === '') throw new Error(`${name} is not set: see docs/supabase.md`)
  return value
}

beforeAll(async () => {
  await removeSchemas(databaseUrl, schemas)
  await makeSchemas(databaseUrl, schemas)
  const opened = async (schema: string) =>
    (await openSupabaseMetadataStore({ url, serviceRoleKey, schema })).close()
  // PostgREST reads schemas anew in its own time.
  for (const schema of schemas) await eventually(() => opened(schema), 60_000)
}, 120_000)
afterAll(() => removeSchemas(databaseUrl, schemas))

let next = 0
metadataStoreContract(`supabase, at ${new URL(url).host}`, async () => {
  const schema = schemas[next++ % schemas.length] ?? ''
  await emptySchema(databaseUrl, schema)
  const clock = manualClock()
  return { store: await openSupabaseMetadataStore({ url, serviceRoleKey, schema, now: clock.now }), clock }
})
