import {
  anyOf,
  commonWording,
  defineCause,
  type ErrorContext,
  knownToRegistry,
  sqlite,
  step,
  wording,
} from '../cause.js'
import { quote } from './place.js'
import { checkpointDatabase, runMigrations, waitForDatabase } from './repairs.js'

const RESULT_CODES = 'https://www.sqlite.org/rescode.html'
const file = (c: ErrorContext) => c.localPath ?? 'the database file'
/** As a word of a command; where it is not known, where the registry keeps it by default. */
const path = (c: ErrorContext) => quote(c.localPath ?? '.modelry/registry.db')

/** SQLITE_BUSY (5): another connection held the lock until patience ended. */
export const sqliteBusy = defineCause({
  id: 'sqlite-busy',
  title: 'The database is busy',
  because: (c) => `another process kept ${file(c)} locked for longer than modelry waits`,
  evidence: anyOf(sqlite(5), wording(['database is locked', 'database is busy'])),
  retry: 'safe',
  fix: waitForDatabase,
  status: 503,
  steps: (c) => [
    step('See which process has the file open.', { run: `fuser -v ${path(c)}` }),
    step('End the long transaction there, then make the same call again.'),
    step('Keep the file on a local disk: locks on a network share do not hold.'),
  ],
  source: RESULT_CODES,
})

/** SQLITE_LOCKED (6): a conflict inside of one connection, or of two that share a cache. */
export const sqliteLocked = defineCause({
  id: 'sqlite-locked',
  title: 'A table of the database is locked',
  narrows: ['sqlite-busy'],
  because: (c) => `another statement of the same process holds a table of ${file(c)}`,
  evidence: anyOf(sqlite(6), wording(['database table is locked', 'database schema is locked'])),
  retry: 'safe',
  fix: waitForDatabase,
  status: 503,
  steps: () => [
    step('Let the other statement end, then make the same call again.'),
    step('Give each registry a connection of its own, without a shared cache.'),
  ],
  source: RESULT_CODES,
})

/** SQLITE_FULL (13). */
export const sqliteFull = defineCause({
  id: 'sqlite-full',
  title: 'No room for the database',
  narrows: ['disk-full'],
  because: (c) => `the disk that holds ${file(c)} is full`,
  evidence: anyOf(sqlite(13), wording(['database or disk is full'])),
  retry: 'after-fix',
  fix: checkpointDatabase,
  status: 507,
  steps: (c) => [
    step('See how much is free on that disk.', { run: `df -h ${path(c)}` }),
    step('Free space there, then make the same call again.'),
  ],
  source: RESULT_CODES,
})

/** SQLITE_CORRUPT (11). */
export const sqliteCorrupt = defineCause({
  id: 'sqlite-corrupt',
  title: 'The database file is damaged',
  because: (c) => `${file(c)} is damaged`,
  evidence: anyOf(sqlite(11), wording(['database disk image is malformed'])),
  retry: 'after-fix',
  steps: (c) => [
    step(
      'Stop every process that uses it and copy the file with its -wal and -shm beside it before anything else.',
    ),
    step('See what is damaged.', { run: `sqlite3 ${path(c)} "PRAGMA integrity_check"` }),
    step('Restore a backup, or recover what can be read.', {
      run: `sqlite3 ${path(c)} .recover | sqlite3 recovered.db`,
    }),
  ],
  source: RESULT_CODES,
})

/** SQLITE_NOTADB (26). */
export const sqliteNotADatabase = defineCause({
  id: 'sqlite-not-a-database',
  title: 'The file is not a database',
  because: (c) => `${file(c)} is not an SQLite database`,
  evidence: anyOf(sqlite(26), wording(['file is not a database'])),
  retry: 'after-fix',
  steps: () => [
    step('Point MODELRY_DB (or --db) at the database file, or at a name that does not exist yet.'),
  ],
  source: RESULT_CODES,
})

/** SQLITE_CANTOPEN (14). */
export const sqliteCannotOpen = defineCause({
  id: 'sqlite-cannot-open',
  title: 'The database file cannot be opened',
  because: (c) => `${file(c)} cannot be opened or created`,
  evidence: anyOf(sqlite(14), wording(['unable to open database'])),
  retry: 'after-fix',
  steps: (c) => [
    step('See whether its folder exists and this user may write there.', {
      run: `ls -ld "$(dirname ${path(c)})"`,
    }),
    step('Correct MODELRY_DB or MODELRY_HOME, or the permissions of the folder.'),
  ],
  source: RESULT_CODES,
})

/** SQLITE_READONLY (8), SQLITE_PERM (3). */
export const sqliteReadOnly = defineCause({
  id: 'sqlite-read-only',
  title: 'The database cannot be written',
  narrows: ['fs-read-only'],
  because: (c) => `${file(c)} can be read but not written`,
  evidence: anyOf(
    sqlite(8, 3),
    wording(['attempt to write a readonly database']),
    commonWording(['access permission denied']),
  ),
  retry: 'after-fix',
  steps: (c) => [
    step('See who may write to it and to its folder.', { run: `ls -l ${path(c)}` }),
    step('Give the user that runs modelry the right to write there.'),
  ],
  source: RESULT_CODES,
})

/** SQLITE_IOERR (10). */
export const sqliteIoError = defineCause({
  id: 'sqlite-io-error',
  title: 'The disk failed under the database',
  because: (c) => `the disk reported a fault under ${file(c)}`,
  evidence: anyOf(sqlite(10), wording(['disk i/o error'])),
  retry: 'after-fix',
  steps: () => [
    step('Read what the kernel says of the disk.', { run: 'dmesg --level=err,warn | tail -n 20' }),
  ],
  source: RESULT_CODES,
})

/** SQLITE_CONSTRAINT (19): a rule of the schema refused the row. */
export const constraintViolated = defineCause({
  id: 'constraint-violated',
  title: 'A rule of the database refused the row',
  broad: true,
  because: () => 'a constraint of the database refused the row',
  evidence: anyOf(sqlite(19), commonWording(['constraint failed'])),
  retry: 'never',
  steps: () => [step('Read the error underneath: it names the constraint.')],
  source: RESULT_CODES,
})

/** The file was removed, moved or replaced while it was open: what is written to it nobody would find again. */
export const databaseFileGone = defineCause({
  id: 'database-file-gone',
  title: 'The database file was removed or replaced',
  because: (c) => `${file(c)} was removed or replaced while it was open`,
  evidence: knownToRegistry,
  retry: 'after-fix',
  steps: (c) => [
    step('Do not start other processes on that path: they would make a new, empty database.'),
    step(
      `If another file is at ${file(c)}, move it away; then put the right one back from a backup, with its -wal file.`,
      { run: `ls -la ${path(c)}*` },
    ),
    step('Start this process again.'),
  ],
  source: 'https://www.sqlite.org/howtocorrupt.html#unlink',
})

/** The tables were made by a newer modelry. */
export const schemaNewer = defineCause({
  id: 'schema-newer',
  title: 'The database is newer than the program',
  because: (c) =>
    `the database has schema ${c.actual ?? 'of a later version'}${c.program ? ` of modelry ${c.program}` : ''} and this modelry knows ${c.expected ?? 'an earlier one'}`,
  evidence: anyOf(
    knownToRegistry,
    wording(['schema is newer than', 'made by a newer version', 'database is newer than the program']),
  ),
  retry: 'after-fix',
  steps: () => [
    step('Upgrade modelry to at least the version that made the database.', {
      run: 'npm install modelry@latest',
    }),
  ],
  source: 'modelry',
})

/** The tables were made by an older modelry, and nobody brought them up to date. */
export const schemaOlder = defineCause({
  id: 'schema-older',
  title: 'The database is older than the program',
  because: (c) =>
    `the database has schema ${c.actual ?? 'of an earlier version'} and this modelry needs ${c.expected ?? 'a later one'}`,
  evidence: anyOf(
    knownToRegistry,
    wording(['schema is older than', 'database schema is out of date']),
    commonWording(['pending migrations']),
  ),
  retry: 'after-fix',
  fix: runMigrations,
  steps: () => [
    step('Make a backup of the database.'),
    step('Bring its tables up to date, as a user who may change them; over HTTP, by supabase db push.', {
      run: 'modelry db migrate',
    }),
  ],
  source: 'modelry',
})

/** The store was used after close(). */
export const storeClosed = defineCause({
  id: 'store-closed',
  title: 'The registry is closed',
  because: () => 'the registry was closed before the call',
  evidence: anyOf(knownToRegistry, wording(['registry was closed', 'registry is closed'])),
  retry: 'never',
  steps: () => [step('Create a new registry with createModelRegistry(), or close this one later.')],
  source: 'modelry',
})

export const sqliteCauses = [
  sqliteBusy,
  sqliteLocked,
  sqliteFull,
  sqliteCorrupt,
  sqliteNotADatabase,
  sqliteCannotOpen,
  sqliteReadOnly,
  sqliteIoError,
  constraintViolated,
] as const
