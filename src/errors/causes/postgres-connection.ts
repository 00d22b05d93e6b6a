import {
  anyOf,
  commonSdk,
  defineCause,
  type ErrorContext,
  pgrst,
  sdk,
  sqlstate,
  step,
  wording,
} from '../cause.js'
import { pgOptions, psql, theHost } from './place.js'
import { waitForDatabase } from './repairs.js'

const ERRCODES = 'https://www.postgresql.org/docs/current/errcodes-appendix.html'

const isReady = (c: ErrorContext) =>
  c.host === undefined ? 'pg_isready -d "$MODELRY_DB"' : `pg_isready${pgOptions(c)}`

/** 53300, and the same words of the poolers. */
export const tooManyConnections = defineCause({
  id: 'too-many-connections',
  title: 'Too many connections',
  because: (c) => `${theHost(c, 'the database server')} has as many connections as it takes`,
  evidence: anyOf(
    sqlstate('53300', '53400'),
    wording(
      [
        'too many clients already',
        'too many connections for',
        'remaining connection slots are reserved',
        'max client connections reached',
        'max clients reached',
        'maxclientsinsessionmode',
        'no more connections allowed',
        'too many database connections opened',
        'emaxconn',
      ],
      {
        de: ['zu viele verbindungen'],
        fr: ['trop de clients sont déjà connectés', 'trop de connexions pour'],
        es: ['ya tenemos demasiados clientes', 'demasiadas conexiones'],
      },
    ),
  ),
  retry: 'safe',
  fix: waitForDatabase,
  retryInMs: 5_000,
  status: 503,
  steps: () => [
    step('See who holds the connections.', {
      run: psql(
        'select usename, application_name, state, count(*) from pg_stat_activity group by 1, 2, 3 order by 4 desc',
      ),
    }),
    step('See how many there may be.', { run: psql('show max_connections') }),
    step('Make the pools smaller, or go through a pooler in transaction mode.'),
  ],
  source: ERRCODES,
})

/** The pool of this process has none to give. */
export const poolExhausted = defineCause({
  id: 'pool-exhausted',
  title: 'The connection pool is used up',
  narrows: ['timed-out'],
  because: () => 'every connection of the pool was in use for longer than a caller waits',
  evidence: anyOf(
    pgrst('PGRST003'),
    sdk('P2024', 'PoolTimeoutError', 'KnexTimeoutError', 'ResourceRequest'),
    commonSdk('PoolTimeout'),
    wording([
      'timeout exceeded when trying to connect',
      'timed out fetching a new connection from the connection pool',
      'timed out acquiring connection from connection pool',
      'timeout acquiring a connection',
      'queuepool limit of size',
      'unable to check out connection from the pool',
      'resourcerequest timed out',
      'connection pool exhausted',
      "couldn't get a connection after",
      'connection pool timeout',
      'query_wait_timeout',
      'connection is not available, request timed out',
    ]),
  ),
  retry: 'safe',
  fix: waitForDatabase,
  retryInMs: 1_000,
  status: 503,
  steps: (c) => [
    step('See what the connections are busy with.', {
      run: psql(
        "select pid, state, now() - xact_start as since, left(query, 60) from pg_stat_activity where state <> 'idle' order by 3 desc nulls last",
      ),
    }),
    step('Enlarge the pool, or let fewer calls run at once.'),
    step('Where nothing is busy, see whether the server answers.', { run: isReady(c) }),
  ],
  source: 'https://node-postgres.com/apis/pool',
})

/** 08001, 08004, P1001: no connection, and nothing tells why. */
export const databaseUnreachable = defineCause({
  id: 'database-unreachable',
  title: 'The database cannot be reached',
  broad: true,
  because: (c) => `no connection to ${theHost(c, 'the database server')} came about`,
  evidence: anyOf(
    sqlstate('08001', '08004', '08000', '08P01'),
    sdk('CannotConnectNowError', 'PostgresConnectionError'),
    commonSdk('P1001', 'P1002', 'P1011'),
    pgrst('PGRST000', 'PGRST001', 'PGRST002'),
    wording(
      [
        "can't reach database server",
        'could not connect to server',
        'could not connect with the database',
        'database client error. retrying the connection',
        'could not query the database for the schema cache',
      ],
      { de: ['konnte nicht mit dem server verbinden', 'konnte nicht zum server verbinden'] },
    ),
  ),
  retry: 'safe',
  fix: waitForDatabase,
  retryInMs: 5_000,
  status: 503,
  steps: (c) => [
    step('See whether the server answers.', { run: isReady(c) }),
    step('See which database the registry uses.', { run: 'modelry config' }),
    step('See whether a firewall lets this machine in.'),
  ],
  source: ERRCODES,
})

/** 57P01. */
export const terminatedByAdministrator = defineCause({
  id: 'terminated-by-administrator',
  title: 'The server ended the connection',
  narrows: ['connection-reset'],
  because: () => 'somebody ended the connection at the server, or the server is being shut down',
  evidence: anyOf(
    sqlstate('57P01'),
    wording(
      [
        'terminating connection due to administrator command',
        'terminating connection because of administrator',
      ],
      {
        de: ['aufgrund von anweisung des administrators', 'aufgrund von anweisung des verwalters'],
      },
    ),
  ),
  retry: 'safe',
  fix: waitForDatabase,
  retryInMs: 2_000,
  status: 503,
  outcome: 'unknown',
  steps: () => [
    step('Make the same call again: the pool connects anew.'),
    step('See whether the server was restarted.', { run: psql('select pg_postmaster_start_time()') }),
    step('Where it was not, ask who calls pg_terminate_backend.'),
  ],
  source: ERRCODES,
})

/** 57P03, 57P02. */
export const serverStarting = defineCause({
  id: 'server-starting',
  title: 'The database is starting or recovering',
  narrows: ['connection-reset'],
  because: (c) =>
    `${theHost(c, 'the database server')} is starting up, shutting down or recovering from a crash`,
  evidence: anyOf(
    sqlstate('57P03', '57P02'),
    wording(
      [
        'the database system is starting up',
        'the database system is shutting down',
        'the database system is in recovery mode',
        'the database system is not yet accepting connections',
        'the database system is not accepting connections',
        'because of crash of another server process',
      ],
      {
        de: [
          'das datenbanksystem startet',
          'das datenbanksystem fährt herunter',
          'das datenbanksystem ist im wiederherstellungsmodus',
        ],
      },
    ),
  ),
  retry: 'safe',
  fix: waitForDatabase,
  retryInMs: 5_000,
  status: 503,
  steps: (c) => [
    step('Wait until it accepts connections, then make the same call again.', { run: isReady(c) }),
    step('When it takes long, read its log.'),
    step('A standby answers so until it is caught up: use the address of the primary.'),
  ],
  source: ERRCODES,
})

/** Most likely first. */
export const postgresConnectionCauses = [
  tooManyConnections,
  poolExhausted,
  databaseUnreachable,
  terminatedByAdministrator,
  serverStarting,
] as const
