import { anyOf, commonSdk, commonWording, defineCause, sdk, sqlstate, step, wording } from '../cause.js'
import { psql } from './place.js'
import { waitForDatabase } from './repairs.js'

const ERRCODES = 'https://www.postgresql.org/docs/current/errcodes-appendix.html'

const seeLocks = step('See who waits for whom.', {
  run: psql(
    'select pid, pg_blocking_pids(pid) as blocked_by, wait_event_type, left(query, 60) from pg_stat_activity where cardinality(pg_blocking_pids(pid)) > 0',
  ),
})

/** 57014: statement_timeout ran out, or somebody cancelled the query. */
export const statementTimeout = defineCause({
  id: 'statement-timeout',
  title: 'The query took too long',
  narrows: ['timed-out'],
  because: () => 'the query took longer than a statement may take',
  evidence: anyOf(
    sqlstate('57014', '57P05', '25P04'),
    commonSdk('P1008'),
    wording(['due to statement timeout', 'due to transaction timeout'], {
      de: ['wegen zeitüberschreitung der anfrage', 'zeitüberschreitung bei der anfrage'],
    }),
    commonWording(['statement timeout', 'query timed out']),
  ),
  retry: 'safe',
  fix: waitForDatabase,
  retryInMs: 2_000,
  status: 503,
  steps: () => [
    step('See what runs for long, and whether it waits for a lock.', {
      run: psql(
        "select pid, now() - query_start as since, wait_event_type, left(query, 60) from pg_stat_activity where state = 'active' order by 2 desc",
      ),
    }),
    step('See how much time a statement has.', { run: psql('show statement_timeout') }),
    step('Renew the statistics where a query was fast before.', { run: psql('analyze') }),
    step('Make the same call again, and give it more time rather than more tries.'),
  ],
  source: ERRCODES,
})

/** 40001, P2034. */
export const serializationFailure = defineCause({
  id: 'serialization-failure',
  title: 'Two transactions met',
  because: () =>
    'another transaction changed the same rows at the same moment, and the database rolled this one back',
  evidence: anyOf(
    sqlstate('40001', '40002', '40003'),
    sdk('P2034'),
    wording(['could not serialize access', 'serialization failure', 'write conflict or a deadlock'], {
      de: ['konnte zugriff nicht serialisieren', 'kann zugriff nicht serialisieren'],
    }),
  ),
  retry: 'safe',
  fix: waitForDatabase,
  retryInMs: 100,
  status: 503,
  steps: () => [
    step('Make the same call again: nothing of the transaction is left.'),
    step('When it happens often, let fewer callers change the same model at once.'),
  ],
  source: ERRCODES,
})

/** 40P01. */
export const deadlock = defineCause({
  id: 'deadlock',
  title: 'Deadlock',
  because: () => 'two transactions waited for each other, and the database rolled this one back',
  evidence: anyOf(
    sqlstate('40P01'),
    wording(['deadlock detected'], {
      de: ['verklemmung entdeckt', 'deadlock entdeckt'],
    }),
  ),
  retry: 'safe',
  fix: waitForDatabase,
  retryInMs: 100,
  status: 503,
  steps: () => [
    step('Make the same call again: nothing of the transaction is left.'),
    step('When it goes on, read the log of the server: it names both queries.'),
  ],
  source: ERRCODES,
})

/** 55P03: NOWAIT, or lock_timeout ran out. */
export const lockNotAvailable = defineCause({
  id: 'lock-not-available',
  title: 'A lock is held by somebody else',
  narrows: ['statement-timeout'],
  because: () => 'another transaction holds a lock on the same rows or table for longer than this one waits',
  evidence: anyOf(
    sqlstate('55P03'),
    wording(['could not obtain lock', 'due to lock timeout'], {
      de: [
        'konnte sperre',
        'wegen zeitüberschreitung bei einer sperre',
        'zeitüberschreitung beim warten auf eine sperre',
      ],
    }),
    commonWording(['lock timeout']),
  ),
  retry: 'safe',
  fix: waitForDatabase,
  retryInMs: 2_000,
  status: 503,
  steps: () => [seeLocks, step('Let that transaction end, or end it (pg_terminate_backend).')],
  source: ERRCODES,
})

/** 26000, 42P05: a pooler in transaction mode gave the next statement another connection. Also 0A000 after a table was altered. */
export const preparedStatementLost = defineCause({
  id: 'prepared-statement-lost',
  title: 'A prepared statement is gone',
  because: () =>
    'a prepared statement of this connection is not there any more, as behind a pooler in transaction mode',
  evidence: anyOf(
    sqlstate('26000', '42P05'),
    wording(
      [
        'prepared statement "…" does not exist',
        'prepared statement "…" already exists',
        'unnamed prepared statement does not exist',
        'cached plan must not change result type',
        'bind message supplies',
      ],
      {
        de: ['vorbereitete anweisung'],
      },
    ),
  ),
  retry: 'safe',
  fix: waitForDatabase,
  retryInMs: 100,
  status: 503,
  steps: () => [
    step('See whether the address is that of a pooler in transaction mode, as port 6543 at Supabase is.'),
    step(
      'Use its session mode or a direct connection, or PgBouncer 1.21 and newer with max_prepared_statements above 0.',
    ),
    step('After a table was altered, connect anew: old plans go with the old connections.'),
  ],
  source: 'https://www.pgbouncer.org/features.html',
})

/** 25P03. */
export const idleInTransaction = defineCause({
  id: 'idle-in-transaction',
  title: 'A transaction was left open',
  narrows: ['connection-reset'],
  because: () =>
    'the transaction did nothing for longer than the database allows, and its connection was ended',
  evidence: anyOf(
    sqlstate('25P03'),
    wording(
      [
        'idle-in-transaction timeout',
        'idle_in_transaction_session_timeout',
        'idle-in-transaction session timeout',
      ],
      {
        de: ['untätigkeit in transaktion', 'zeitüberschreitung in inaktiver transaktion'],
      },
    ),
  ),
  retry: 'safe',
  fix: waitForDatabase,
  retryInMs: 1_000,
  status: 503,
  steps: () => [
    step('Make the same call again: nothing of the transaction is left.'),
    step('Find out why the process paused.'),
    step('See how long a transaction may be idle.', {
      run: psql('show idle_in_transaction_session_timeout'),
    }),
  ],
  source: ERRCODES,
})

/** 25P02: only the first error of a transaction tells anything. */
export const transactionAborted = defineCause({
  id: 'transaction-aborted',
  title: 'The transaction had failed already',
  symptom: true,
  because: () =>
    'an earlier statement of the same transaction failed, and the database takes no other until it is rolled back',
  evidence: anyOf(
    sqlstate('25P02'),
    wording(['current transaction is aborted', 'transaction has been rolled back'], {
      de: ['aktuelle transaktion wurde abgebrochen'],
    }),
  ),
  retry: 'safe',
  fix: waitForDatabase,
  retryInMs: 100,
  status: 503,
  steps: () => [
    step('Look for the first error of that transaction, further up in the log.'),
    step('Make the same call again: nothing of the transaction is left.'),
  ],
  source: ERRCODES,
})

/** Most likely first. */
export const postgresTransactionCauses = [
  statementTimeout,
  serializationFailure,
  deadlock,
  lockNotAvailable,
  preparedStatementLost,
  idleInTransaction,
  transactionAborted,
] as const
