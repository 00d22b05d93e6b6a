import {
  allOf,
  anyOf,
  commonSdk,
  commonWording,
  defineCause,
  type ErrorContext,
  sqlstate,
  step,
  wording,
} from '../cause.js'
import { pgOptions, psql, quote, theHost } from './place.js'
import { createDatabase } from './repairs.js'

const ERRCODES = 'https://www.postgresql.org/docs/current/errcodes-appendix.html'

const role = (c: ErrorContext) => (c.role === undefined ? 'the user' : `the user ${c.role}`)
const database = (c: ErrorContext) => c.database ?? 'the database'

/** 28P01, and 28000 where no rule of pg_hba.conf is named. */
export const authenticationFailed = defineCause({
  id: 'authentication-failed',
  title: 'The database does not accept the password',
  because: (c) =>
    `the database did not accept ${role(c)} ${c.problem === 'no-password' ? 'without a' : 'with the given'} password`,
  evidence: anyOf(
    sqlstate('28P01', '28000'),
    commonSdk('P1000'),
    wording(
      [
        'password authentication failed',
        'authentication failed for user',
        'authentication failed against database server',
        'peer authentication failed',
        'ident authentication failed',
        'scram authentication failed',
        'client password must be a string',
        'no password supplied',
        'sasl authentication failed',
        'error authenticating',
        'role…is not permitted to log in',
        'role "…" does not exist',
      ],
      {
        de: [
          'passwort-authentifizierung',
          'authentifizierung für benutzer…fehlgeschlagen',
          'rolle »…« existiert nicht',
        ],
        fr: ['authentification par mot de passe échouée', "le rôle « …n'existe pas"],
        es: ['autentificación password falló', 'autenticación de contraseña fall', 'no existe el rol'],
      },
    ),
    commonWording(['wrong password']),
  ),
  retry: 'after-fix',
  status: 503,
  steps: (c) => [
    step(
      'Give the password in the address, percent-encoded, in PGPASSWORD or in ~/.pgpass; try it by hand.',
      {
        run: psql('select current_user'),
      },
    ),
    step(
      `See that ${role(c)} exists and may log in; through the pooler of Supabase it is called postgres.PROJECT_REF.`,
    ),
  ],
  source: ERRCODES,
})

/** pg_hba.conf has no line for this host, user and database, or one that rejects it. */
export const pgHbaRejected = defineCause({
  id: 'pg-hba-rejected',
  title: 'The server does not let this client in',
  narrows: ['authentication-failed'],
  because: (c) => `no line of pg_hba.conf lets ${role(c)} in from here to ${database(c)}`,
  evidence: anyOf(
    allOf(sqlstate('28000'), wording(['pg_hba.conf'])),
    wording(['pg_hba.conf rejects', 'pg_hba.conf entry', 'missing or erroneous pg_hba.conf'], {
      de: ['kein pg_hba.conf-eintrag'],
    }),
  ),
  retry: 'after-fix',
  steps: (c) => [
    step('See which lines there are.', {
      run: psql(
        'select line_number, type, database, user_name, address, auth_method, error from pg_hba_file_rules',
      ),
    }),
    step(`Have a line added for this host, ${role(c)} and ${database(c)}, above any that rejects.`, {
      run: psql('select pg_reload_conf()'),
    }),
  ],
  source: 'https://www.postgresql.org/docs/current/auth-pg-hba-conf.html',
})

/** The server takes this user over TLS alone. */
export const tlsRequired = defineCause({
  id: 'tls-required',
  title: 'The database wants TLS',
  narrows: ['pg-hba-rejected', 'authentication-failed'],
  because: (c) => `${theHost(c, 'the database server')} takes connections over TLS alone`,
  evidence: anyOf(
    allOf(
      anyOf(sqlstate('28000'), wording(['pg_hba.conf'])),
      wording(['no encryption', 'ssl off'], {
        de: ['ssl aus', 'keine verschlüsselung'],
      }),
    ),
    wording([
      'ssl connection is required',
      'connection requires ssl',
      'ssl is required',
      'connection is insecure',
    ]),
  ),
  retry: 'after-fix',
  steps: () => [
    step('Add the setting to the address of the database.', {
      run: 'export MODELRY_DB="$MODELRY_DB?sslmode=require"',
    }),
    step('Where others could stand on the way, use sslmode=verify-full.'),
    step('Where it says so with TLS too, pg_hba.conf has no line for this client.'),
  ],
  source: 'https://www.postgresql.org/docs/current/libpq-ssl.html',
})

/** TLS was asked for, and the server has none. */
export const tlsNotOffered = defineCause({
  id: 'tls-not-offered',
  title: 'The database has no TLS',
  because: (c) => `${theHost(c, 'the database server')} does not speak TLS, and the address asks for it`,
  evidence: wording([
    'server does not support ssl',
    'server does not support tls',
    'ssl is not enabled on the server',
  ]),
  retry: 'after-fix',
  steps: () => [
    step('Turn TLS on at the server (ssl = on in postgresql.conf).', { run: psql('show ssl') }),
    step('Take sslmode=require out only on one machine.'),
  ],
  source: 'https://www.postgresql.org/docs/current/ssl-tcp.html',
})

/** 3D000. */
export const databaseMissing = defineCause({
  id: 'database-missing',
  title: 'No database of that name',
  because: (c) => `the server has no database named ${c.database ?? 'as the address says'}`,
  evidence: anyOf(
    sqlstate('3D000', '57P04'),
    commonSdk('P1003'),
    wording(['database "…" does not exist'], {
      de: ['datenbank »…« existiert nicht'],
      fr: ["la base de données « …n'existe pas"],
      es: ['no existe la base de datos'],
    }),
  ),
  retry: 'after-fix',
  fix: createDatabase,
  steps: (c) => [
    step('See which databases the server has.', {
      run: `psql${pgOptions(c)} -d postgres -c "select datname from pg_database"`,
    }),
    step('Correct the name at the end of the address, or make the database.', {
      run: `createdb${pgOptions(c)} ${quote(c.database ?? 'DATABASE')}`,
    }),
  ],
  source: ERRCODES,
})

/** Who may come in, and how; most likely first. */
export const postgresAccessCauses = [
  authenticationFailed,
  pgHbaRejected,
  tlsRequired,
  tlsNotOffered,
  databaseMissing,
] as const
