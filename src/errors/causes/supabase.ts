import {
  allOf,
  anyOf,
  commonSdk,
  commonWording,
  defineCause,
  pgrst,
  sdk,
  status,
  step,
  wording,
} from '../cause.js'
import { psql, tableOf } from './place.js'

const POSTGREST = 'https://docs.postgrest.org/en/stable/references/errors.html'
const SUPABASE = 'https://supabase.com/docs/guides/platform/http-status-codes'

const ask = 'curl -sS -H "apikey: $SUPABASE_SERVICE_ROLE_KEY" "$SUPABASE_URL/rest/v1/"'

/** The gateway, or PostgREST behind it, does not take the key. */
export const apiKeyInvalid = defineCause({
  id: 'api-key-invalid',
  title: 'The API key is not accepted',
  narrows: ['jwt-expired'],
  because: () => 'Supabase does not accept the API key',
  evidence: anyOf(
    pgrst('PGRST300', 'PGRST302'),
    sdk('UNAUTHORIZED_INVALID_API_KEY', 'JWSInvalidSignature', 'InvalidJWTToken'),
    commonSdk('InvalidJWT'),
    wording([
      'invalid api key',
      'no api key found in request',
      'no suitable key',
      'jwserror',
      'jwsinvalidsignature',
      'jwt cryptographic operation failed',
    ]),
    commonWording(['invalid jwt']),
    allOf(
      pgrst('PGRST301'),
      anyOf(
        wording(['not valid base64', 'expected 3 parts', 'no suitable key']),
        commonWording(['signature', 'decode']),
      ),
    ),
  ),
  retry: 'after-fix',
  status: 503,
  steps: () => [
    step(
      'See that SUPABASE_URL and SUPABASE_SERVICE_ROLE_KEY are of the same project, and the key is whole.',
      {
        run: ask,
      },
    ),
    step(
      'Use the service role key (or an sb_secret_ key), not the anonymous one, and keep it away from browsers.',
    ),
    step('Keys that were rotated or turned off in the dashboard are refused at once: take the new one.'),
  ],
  source: 'https://supabase.com/docs/guides/api/api-keys',
})

/** PGRST303 since PostgREST 13, PGRST301 before. */
export const jwtExpired = defineCause({
  id: 'jwt-expired',
  title: 'The JWT has expired',
  narrows: ['credentials-expired'],
  because: () => 'the JSON Web Token that was sent has expired',
  evidence: anyOf(
    pgrst('PGRST303', 'PGRST301'),
    wording([
      'jwt expired',
      'jwt has expired',
      '"exp" claim timestamp check failed',
      'exp claim…failed',
      'jwtexpired',
    ]),
    commonWording(['token is expired']),
  ),
  retry: 'after-fix',
  status: 503,
  steps: () => [
    step('Use the service role key in the registry, which needs no session of a user.'),
    step('With a token of a user, sign in again or refresh the session, then make the same call again.'),
    step('See that the clock is right: a token looks expired where it runs ahead.', { run: 'date -u' }),
  ],
  source: POSTGREST,
})

/** PGRST2xx: PostgREST looks names up in a copy of the schema that it made earlier. */
export const schemaCacheStale = defineCause({
  id: 'schema-cache-stale',
  title: "PostgREST's copy of the schema is old",
  narrows: ['table-missing', 'column-missing', 'function-missing'],
  because: (c) =>
    `PostgREST does not find ${c.table ?? 'the table, column or function'} in its copy of the schema`,
  evidence: anyOf(
    pgrst('PGRST200', 'PGRST201', 'PGRST202', 'PGRST203', 'PGRST204', 'PGRST205'),
    wording(['in the schema cache']),
    commonWording(['schema cache']),
  ),
  retry: 'after-fix',
  steps: (c) => [
    step('Have it read the schema again.', { run: psql("notify pgrst, 'reload schema'") }),
    step('When it is still not found, run the migrations.', {
      run: psql(`\\d ${tableOf(c)}`),
    }),
    step('See that the schema is among those that the API exposes.'),
  ],
  source: 'https://docs.postgrest.org/en/stable/references/schema_cache.html',
})

/** 42501 with the words of row-level security. */
export const rowLevelSecurity = defineCause({
  id: 'row-level-security',
  title: 'Row-level security refuses the row',
  narrows: ['database-permission'],
  because: (c) => `row-level security on ${c.table ?? 'the table'} does not let this role write the row`,
  evidence: wording(['row-level security'], {
    de: ['sicherheit auf zeilenebene'],
  }),
  retry: 'after-fix',
  status: 503,
  steps: (c) => [
    step('Use the service role key in the registry: it stands above these policies.'),
    step('See which policies there are.', {
      run: psql(
        `select policyname, roles, cmd, qual, with_check from pg_policies where tablename = '${tableOf(c)}'`,
      ),
    }),
    step('An upsert needs the right to insert, to select and to update.'),
  ],
  source: 'https://www.postgresql.org/docs/current/ddl-rowsecurity.html',
})

/** A project without traffic is paused after a week on the free plan. */
export const projectPaused = defineCause({
  id: 'project-paused',
  title: 'The Supabase project is paused',
  because: () => 'the Supabase project is paused',
  evidence: anyOf(
    status(540),
    wording([
      'project is paused',
      'project paused',
      'project has been paused',
      'project is inactive',
      'project…is currently paused',
    ]),
  ),
  retry: 'after-fix',
  status: 503,
  steps: () => [
    step('Restore the project in its dashboard; this takes some minutes, and its data is kept for 90 days.'),
    step('Then see that it answers, and make the same call again.', {
      run: 'curl -sSI -H "apikey: $SUPABASE_SERVICE_ROLE_KEY" "$SUPABASE_URL/rest/v1/"',
    }),
    step('A project that a service depends on should be on a plan that is not paused.'),
  ],
  source: SUPABASE,
})

/** Supavisor finds the project by the user name. */
export const poolerTenantUnknown = defineCause({
  id: 'pooler-tenant-unknown',
  title: 'The pooler does not know the project',
  because: (c) => `the pooler knows no project for the user ${c.role ?? 'in the address'}`,
  evidence: wording(['tenant or user not found', 'tenant/user…not found', 'enotfound…tenant']),
  retry: 'after-fix',
  status: 503,
  steps: () => [
    step('Write the user as postgres.PROJECT_REF: through the pooler, the project is part of the user name.'),
    step('See that the host is the pooler that the dashboard shows (aws-0-REGION or aws-1-REGION).'),
    step('A project that is paused or was just restored is not known either: see its dashboard.'),
  ],
  source: 'https://supabase.com/docs/guides/database/connecting-to-postgres',
})

/** The network restrictions of the project have no entry for this address. */
export const ipNotAllowed = defineCause({
  id: 'ip-not-allowed',
  title: 'This address is not allowed in',
  because: () => 'the network restrictions of the project do not allow the address of this machine',
  evidence: wording([
    'not in tenant allow_list',
    'address not in…allow',
    'ip not allowed',
    'not allowed to connect from this ip',
  ]),
  retry: 'after-fix',
  status: 503,
  steps: () => [
    step('See which address this machine has to the outside.', {
      run: 'curl -sS https://checkip.amazonaws.com',
    }),
    step('Add it to the network restrictions of the database in the dashboard.'),
    step('Where the address changes, give the calls one way out (a NAT gateway).'),
  ],
  source: 'https://supabase.com/docs/guides/platform/network-restrictions',
})

/** PGRST116: one row was asked for. */
export const rowCountUnexpected = defineCause({
  id: 'row-count-unexpected',
  title: 'Not exactly one row',
  because: () => 'exactly one row was asked for, and none or several are there',
  evidence: anyOf(
    pgrst('PGRST116'),
    sdk('P2025'),
    commonSdk('P2001'),
    wording([
      'multiple (or no) rows returned',
      'cannot coerce the result to a single json object',
      'results contain 0 rows',
    ]),
  ),
  retry: 'never',
  steps: () => [
    step('See whether the row is there; row-level security may hide it.'),
    step('Ask with maybeSingle() where none is an answer too.'),
  ],
  source: POSTGREST,
})

/** A fault of the gateway or of PostgREST, or a request that it does not take. */
export const postgrestRefused = defineCause({
  id: 'postgrest-refused',
  title: 'PostgREST refused the request',
  because: () => 'PostgREST does not take the request as it is',
  evidence: pgrst(
    ...['PGRST100', 'PGRST101', 'PGRST102', 'PGRST103', 'PGRST105', 'PGRST106', 'PGRST107', 'PGRST108'],
    ...['PGRST109', 'PGRST110', 'PGRST111', 'PGRST112', 'PGRST114', 'PGRST115', 'PGRST117', 'PGRST118'],
    ...['PGRST119', 'PGRST120', 'PGRST121', 'PGRST122', 'PGRST123', 'PGRSTX00'],
  ),
  retry: 'never',
  steps: () => [
    step('Read message, details and hint of the answer: they name the part of the request.'),
    step('PGRST106 means that the schema is not exposed: add it in the API settings of the project.'),
  ],
  source: POSTGREST,
})

/** What stands in the way of a Supabase project, most likely first. */
export const supabaseCauses = [
  apiKeyInvalid,
  jwtExpired,
  schemaCacheStale,
  rowLevelSecurity,
  projectPaused,
  poolerTenantUnknown,
  ipNotAllowed,
  rowCountUnexpected,
  postgrestRefused,
] as const
