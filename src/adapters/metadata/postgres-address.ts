import { meantSetting } from '../../domain/nearest.js'
import { type MigrationMode, migrationModes } from './migration-mode.js'

/** How a connection is protected, by the names that Postgres has for it. */
const sslModes = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'] as const
export type SslMode = (typeof sslModes)[number]

/** What an address of Postgres says. What it does not say, the driver takes from `PG*` variables and `~/.pgpass`. */
export interface PostgresAddress {
  /** A host, or the folder of a Unix socket. */
  readonly host?: string
  readonly port?: number
  readonly user?: string
  readonly password?: string
  readonly database?: string
  readonly sslMode?: SslMode
  /** A file with the certificates of the authorities that are trusted. */
  readonly sslRootCert?: string
  readonly schema?: string
  readonly poolSize?: number
  readonly statementTimeoutMs?: number
  readonly lockTimeoutMs?: number
  readonly connectTimeoutMs?: number
  readonly migrations?: MigrationMode
}

export const POSTGRES_RULE =
  'postgres://user@host:port/database with sslmode, sslrootcert, schema, pool, migrations (auto or check), statement_timeout, lock_timeout or connect_timeout (milliseconds) behind it'

const COUNT = { isIt: (text: string) => /^[1-9]\d{0,8}$/.test(text), rule: 'a number from 1' }
const ANY = { isIt: () => true, rule: '' }
const oneOf = (values: readonly string[]) => ({
  isIt: (text: string) => values.includes(text),
  rule: values.join(', ').replace(/, (?=[^,]*$)/, ' or '),
})
/** What may stand behind the question mark. */
const SETTINGS = new Map([
  ['host', ANY],
  ['sslmode', oneOf(sslModes)],
  ['sslrootcert', ANY],
  ['schema', { isIt: isSchemaName, rule: 'lower-case letters, digits and underscores' }],
  ['pool', COUNT],
  ['statement_timeout', COUNT],
  ['lock_timeout', COUNT],
  ['connect_timeout', COUNT],
  ['migrations', oneOf(migrationModes)],
])

/** What is wrong with a setting of an address, without what may be a password; undefined where nothing is. */
export function postgresSettingProblem(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined
  const names = [...SETTINGS.keys()]
  for (const [name, value] of new URL(text).searchParams) {
    const setting = SETTINGS.get(name)
    if (setting?.isIt(value)) continue
    if (setting !== undefined) return `${name}=${value.slice(0, 40)}, which is to be ${setting.rule}`
    // A password with a question mark in it may be taken for a setting.
    if (!/^[a-z_]{1,32}$/i.test(name)) return 'a setting that is none'
    const meant = meantSetting(name, names)
    return `the setting ${name}, which is none${meant === undefined ? '' : `; ${meant} is one`}`
  }
  return undefined
}

/**
 * Reads an address; undefined when it is none, and then it is not shown, since a password may be in it.
 *
 * The form is that of libpq: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS
 */
export function parsePostgresAddress(text: string): PostgresAddress | undefined {
  // A URL without a host and with a user or a port is none for the URL parser, and few write it.
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^postgres(ql)?:$/.test(url.protocol)) return undefined
  const settings = url.searchParams
  if (postgresSettingProblem(text) !== undefined) return undefined
  const sslMode = sslModes.find((mode) => mode === settings.get('sslmode'))
  const migrations = migrationModes.find((mode) => mode === settings.get('migrations'))
  const counts = {
    poolSize: count(settings.get('pool')),
    statementTimeoutMs: count(settings.get('statement_timeout')),
    lockTimeoutMs: count(settings.get('lock_timeout')),
    connectTimeoutMs: count(settings.get('connect_timeout')),
  }
  const schema = settings.get('schema')
  try {
    return defined({
      host: decoded(url.hostname.replace(/^\[(.*)\]$/, '$1')) ?? settings.get('host') ?? undefined,
      port: url.port === '' ? undefined : Number(url.port),
      user: decoded(url.username),
      password: decoded(url.password),
      database: decoded(url.pathname.slice(1)),
      sslMode,
      sslRootCert: settings.get('sslrootcert') ?? undefined,
      schema: schema ?? undefined,
      migrations,
      ...counts,
    })
  } catch {
    // A percent sign that encodes nothing.
    return undefined
  }
}

/** The address without its password, for people to read. */
export function shownPostgresAddress(text: string): string {
  if (!URL.canParse(text)) return 'postgres://'
  const url = new URL(text)
  if (url.password !== '') url.password = '***'
  return url.href
}

/** A name that needs no quotes, so that it is the same in every tool. */
export function isSchemaName(text: string): boolean {
  return /^[a-z_][a-z0-9_]{0,62}$/.test(text) && !text.startsWith('pg_')
}

function count(text: string | null): number | undefined {
  return text === null ? undefined : Number(text)
}

function decoded(text: string): string | undefined {
  return text === '' ? undefined : decodeURIComponent(text)
}

function defined(
  values: { readonly [K in keyof PostgresAddress]: PostgresAddress[K] | undefined },
): PostgresAddress {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}
