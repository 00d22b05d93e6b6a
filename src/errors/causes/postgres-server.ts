import { allOf, anyOf, commonWording, defineCause, sdk, sqlstate, step, wording } from '../cause.js'
import { psql } from './place.js'

const ERRCODES = 'https://www.postgresql.org/docs/current/errcodes-appendix.html'

/** 25006: a standby, or a database that was set to be read only. */
export const databaseReadOnly = defineCause({
  id: 'database-read-only',
  title: 'The database can only be read',
  because: () => 'the database takes no changes: it is a standby, or was set to be read only',
  evidence: anyOf(
    sqlstate('25006'),
    sdk('DatabaseReadOnly'),
    wording(
      [
        'in a read-only transaction',
        'in read-only mode',
        'cannot execute…during recovery',
        'read only sql transaction',
      ],
      {
        de: ['in einer read-only-transaktion', 'nur-lese-transaktion'],
      },
    ),
  ),
  retry: 'after-fix',
  status: 503,
  steps: () => [
    step('See whether this is a standby.', {
      run: psql('select pg_is_in_recovery(), current_setting($$default_transaction_read_only$$)'),
    }),
    step('Use the address of the primary.'),
    step('Providers set a database to read only when its disk is nearly full: make room.'),
  ],
  source: ERRCODES,
})

/** 53100. */
export const databaseDiskFull = defineCause({
  id: 'database-disk-full',
  title: 'The disk of the database is full',
  narrows: ['disk-full', 'database-out-of-memory'],
  because: () => 'the disk of the database server is full',
  evidence: anyOf(
    sqlstate('53100'),
    allOf(
      wording(['could not extend file', 'could not write to file', 'could not write block', 'pg_wal']),
      wording(['no space left on device'], {
        de: ['kein speicherplatz mehr verfügbar'],
      }),
    ),
    wording(['hint: check free disk space']),
  ),
  retry: 'after-fix',
  status: 507,
  steps: () => [
    step('See what is large in it.', {
      run: psql(
        'select relname, pg_size_pretty(pg_total_relation_size(oid)) from pg_class order by pg_total_relation_size(oid) desc limit 10',
      ),
    }),
    step('See whether a replication slot that nobody reads keeps old WAL.', {
      run: psql('select slot_name, active, wal_status from pg_replication_slots'),
    }),
    step('Have the disk enlarged; delete nothing in the data directory by hand.'),
  ],
  source: ERRCODES,
})

/** 53200 and the rest of class 53. */
export const databaseOutOfMemory = defineCause({
  id: 'database-out-of-memory',
  title: 'The database ran out of memory',
  because: () => 'the database server has no memory left for the query',
  evidence: anyOf(
    sqlstate('53200', '53'),
    wording(['out of shared memory', 'max_locks_per_transaction'], {
      de: ['speicher aufgebraucht', 'shared memory aufgebraucht'],
    }),
  ),
  retry: 'safe',
  retryInMs: 5_000,
  status: 503,
  steps: () => [
    step('See what the server does at that moment.', {
      run: psql("select pid, state, left(query, 60) from pg_stat_activity where state <> 'idle'"),
    }),
    step('Let fewer queries run at once, or lower work_mem.'),
  ],
  source: ERRCODES,
})

/** XX001, XX002. */
export const databaseCorrupt = defineCause({
  id: 'database-corrupt',
  title: 'The database is damaged',
  because: () => 'the database found damage in its own files',
  evidence: anyOf(sqlstate('XX001', 'XX002'), wording(['invalid page in block', 'could not read block'])),
  retry: 'after-fix',
  steps: () => [
    step('Change nothing, and take a copy of the data directory while the server is stopped.'),
    step('See whether an index alone is damaged; it can be made anew.', {
      run: psql('reindex database concurrently'),
    }),
    step('Restore a backup on another disk; see what the disk reported.', {
      run: 'dmesg --level=err,warn | tail -n 20',
    }),
  ],
  source: ERRCODES,
})

/** XX000 and the faults of the system under it, class 58. */
export const databaseFault = defineCause({
  id: 'database-fault',
  title: 'The database failed inside',
  broad: true,
  because: () => 'the database reported a fault of its own, or of the system under it',
  evidence: anyOf(
    sqlstate('XX000', '58', 'F0', 'XX'),
    wording(['cache lookup failed for']),
    commonWording(['internal error in postgres']),
  ),
  retry: 'after-fix',
  status: 503,
  outcome: 'unknown',
  steps: () => [
    step('Read the log of the server around that moment.'),
    step('Make the same call again; when it fails the same way, tell whoever runs the database.'),
  ],
  source: ERRCODES,
})

/** Most likely first; classes after the codes in them. */
export const postgresServerCauses = [
  databaseReadOnly,
  databaseDiskFull,
  databaseOutOfMemory,
  databaseCorrupt,
  databaseFault,
] as const
