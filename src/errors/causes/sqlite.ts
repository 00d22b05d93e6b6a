import { defineCause, type ErrorContext, knownToRegistry, sqlite, step } from '../cause.js'

const RESULT_CODES = 'https://www.sqlite.org/rescode.html'
const file = (c: ErrorContext) => c.localPath ?? 'the database file'

/** SQLITE_BUSY (5), SQLITE_LOCKED (6): another connection held the lock until patience ended. */
export const sqliteBusy = defineCause({
  id: 'sqlite-busy',
  title: 'The database is busy',
  because: (c) => `another process kept ${file(c)} locked for longer than modelry waits`,
  evidence: sqlite(5, 6),
  retry: 'safe',
  status: 503,
  steps: (c) => [
    step('See which process has the file open.', { run: `fuser -v ${file(c)}` }),
    step('End the long transaction there, then make the same call again.'),
  ],
  source: RESULT_CODES,
})

/** SQLITE_FULL (13). */
export const sqliteFull = defineCause({
  id: 'sqlite-full',
  title: 'No room for the database',
  because: (c) => `the disk that holds ${file(c)} is full`,
  evidence: sqlite(13),
  retry: 'after-fix',
  status: 507,
  steps: (c) => [
    step('See how much is free on that disk.', { run: `df -h ${file(c)}` }),
    step('Free space there, then make the same call again.'),
  ],
  source: RESULT_CODES,
})

/** SQLITE_CORRUPT (11). */
export const sqliteCorrupt = defineCause({
  id: 'sqlite-corrupt',
  title: 'The database file is damaged',
  because: (c) => `${file(c)} is damaged`,
  evidence: sqlite(11),
  retry: 'after-fix',
  steps: (c) => [
    step(
      'Stop every process that uses it and copy the file with its -wal and -shm beside it before anything else.',
    ),
    step('See what is damaged.', { run: `sqlite3 ${file(c)} "PRAGMA integrity_check"` }),
    step('Restore a backup, or recover what can be read.', {
      run: `sqlite3 ${file(c)} .recover | sqlite3 recovered.db`,
    }),
  ],
  source: RESULT_CODES,
})

/** SQLITE_NOTADB (26). */
export const sqliteNotADatabase = defineCause({
  id: 'sqlite-not-a-database',
  title: 'The file is not a database',
  because: (c) => `${file(c)} is not an SQLite database`,
  evidence: sqlite(26),
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
  evidence: sqlite(14),
  retry: 'after-fix',
  steps: (c) => [
    step('See whether its folder exists and this user may write there.', {
      run: `ls -ld $(dirname ${file(c)})`,
    }),
    step('Correct MODELRY_DB or MODELRY_HOME, or the permissions of the folder.'),
  ],
  source: RESULT_CODES,
})

/** SQLITE_READONLY (8), SQLITE_PERM (3). */
export const sqliteReadOnly = defineCause({
  id: 'sqlite-read-only',
  title: 'The database cannot be written',
  because: (c) => `${file(c)} can be read but not written`,
  evidence: sqlite(8, 3),
  retry: 'after-fix',
  steps: (c) => [
    step('See who may write to it and to its folder.', { run: `ls -l ${file(c)}` }),
    step('Give the user that runs modelry the right to write there.'),
  ],
  source: RESULT_CODES,
})

/** SQLITE_IOERR (10). */
export const sqliteIoError = defineCause({
  id: 'sqlite-io-error',
  title: 'The disk failed under the database',
  because: (c) => `the disk reported a fault under ${file(c)}`,
  evidence: sqlite(10),
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
  because: () => 'a constraint of the database refused the row',
  evidence: sqlite(19),
  retry: 'never',
  steps: () => [
    step(
      'Read the error underneath: it names the constraint. Somebody else may have changed the tables by hand.',
    ),
  ],
  source: RESULT_CODES,
})

/** The tables were made by a newer modelry. */
export const schemaNewer = defineCause({
  id: 'schema-newer',
  title: 'The database is newer than the program',
  because: (c) =>
    `the database has schema ${String(c.actual ?? 'of a later version')} and this modelry knows ${String(c.expected ?? 'an earlier one')}`,
  evidence: knownToRegistry,
  retry: 'after-fix',
  steps: () => [
    step('Upgrade modelry to at least the version that made the database.', {
      run: 'npm install modelry@latest',
    }),
  ],
  source: 'modelry',
})

/** The store was used after close(). */
export const storeClosed = defineCause({
  id: 'store-closed',
  title: 'The registry is closed',
  because: () => 'the registry was closed before the call',
  evidence: knownToRegistry,
  retry: 'never',
  steps: () => [step('Create a new registry with createModelRegistry(), or close this one later.')],
  source: 'modelry',
})

export const sqliteCauses = [
  sqliteBusy,
  sqliteFull,
  sqliteCorrupt,
  sqliteNotADatabase,
  sqliteCannotOpen,
  sqliteReadOnly,
  sqliteIoError,
  constraintViolated,
] as const
