import { createHash, randomBytes } from 'node:crypto'
import { isSha256 } from '../../domain/sha256.js'
import type { FixStep } from '../auto-fix.js'
import type { Cause } from '../cause.js'
import { databaseCauses } from '../causes/groups.js'
import { databaseMissing } from '../causes/postgres-access.js'
import { databaseDiskFull, databaseReadOnly } from '../causes/postgres-server.js'
import { lockNotAvailable, statementTimeout } from '../causes/postgres-transactions.js'
import { checkpointDatabase, createDatabase, runMigrations, waitForDatabase } from '../causes/repairs.js'
import { schemaOlder, sqliteFull } from '../causes/sqlite.js'
import { FIRST_PAUSE_MS, type Fix, type FixRule, type FixTools, nextPauseMs } from '../fix.js'
import { isModelRegistryError, type ModelRegistryError } from '../model-registry-error.js'

/** What ends by itself, or by what somebody does elsewhere. */
const passing: readonly Cause[] = [
  ...databaseCauses.filter(({ retry }) => retry === 'safe'),
  databaseReadOnly,
  databaseDiskFull,
]
const PASSES = new Set(passing.map(({ id }) => id))
/** Another transaction held what the call needed, and a probe of another row would not meet it. */
const HELD = new Set([lockNotAvailable.id, statementTimeout.id])
/** The errors of calls for which somebody was seen to hold something. */
const seenHeld = new WeakSet<ModelRegistryError>()
/** Kept a call from writing, whether there are tables or not. */
const ABOUT_WRITING = new Set([databaseReadOnly.id, databaseDiskFull.id])

/** After a crash in between, the row is forgotten by itself after this. */
const PROBE_LEASE_MS = 1_000

/** The database as it stands at the beginning of a sentence. */
function theDatabase({ context: { localPath, host, port } }: ModelRegistryError): string {
  if (localPath !== undefined) return localPath
  if (host === undefined) return 'The database'
  return `The database at ${host}${port === undefined ? '' : `:${port}`}`
}

/**
 * Writes a row and removes it: what an empty transaction would not show, such as a full disk, shows.
 *
 * @throws DatabaseError
 */
async function tryChange({ onDatabase, newId, signal }: FixTools, bytes = 0): Promise<void> {
  signal.throwIfAborted()
  const key = `modelry-probe-${newId()}`
  const fingerprint = createHash('sha256').update(key).digest('hex')
  if (!isSha256(fingerprint)) throw new TypeError('createHash gave something other than a SHA-256 digest')
  // Bytes that nothing can be saved on by compressing them.
  const run = { key, owner: `probe${randomBytes(Math.ceil(bytes * 0.75)).toString('base64')}` }
  await onDatabase(async (metadata) => {
    await metadata.beginIdempotent({ ...run, fingerprint, leaseMs: PROBE_LEASE_MS, keepMs: PROBE_LEASE_MS })
    await metadata.forgetIdempotent(run)
  })
}

const probeStep = {
  text: 'Write one row and remove it, to see that the database takes changes.',
  changes: 'Nothing that stays: a row that is cut off in between is forgotten after a second.',
  needs: 'Nothing.',
  undo: 'nothing-to-undo',
} as const

/** Whoever comes by the HTTP interface of Supabase. */
const SERVICE_ROLE = 'service_role'

/**
 * More than the largest metadata (64 KB) takes with all that is made of it. A small row fits on almost any full disk.
 * Postgres gives the room of rows that are removed back with its next vacuum only, which matters to a disk that has hardly
 * more than this free.
 */
const ROOM_BYTES = 256 * 1024

const waiting: Fix = {
  ...waitForDatabase,
  reason: 'It waits, and writes nothing that stays.',
  effects: ['probe-row'],
  plan: (error) => [
    {
      text:
        error.context.localPath === undefined
          ? `Ask until it takes changes, after longer and longer pauses: ${theDatabase(error)}.`
          : `Wait until no other process keeps ${theDatabase(error)} locked.`,
      changes: 'Nothing.',
      needs:
        error.context.localPath === undefined
          ? 'The database to be there for whoever asks for a connection.'
          : 'The transaction of the other process to end.',
      undo: 'nothing-to-undo',
    },
    probeStep,
  ],
  async run(error, tools) {
    let writers: readonly string[] | undefined
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = nextPauseMs(pauseMs)) {
      try {
        if (HELD.has(error.reason.id)) {
          // Whoever held the row that the call waited for is among those that were there at the first look.
          const held = await tools.setup.writers()
          writers = held.filter((one) => writers?.includes(one) ?? true)
        }
        if (writers !== undefined && writers.length > 0) {
          seenHeld.add(error)
          tools.saw(`${theDatabase(error)} has ${otherTransactions(writers.length)}.`)
          await tools.pause(pauseMs)
          continue
        }
        if (isSlow(error, tools)) {
          tools.saw('Nobody is seen to hold what the call waited for: its statement may be slow by itself.')
          return false
        }
        await tryChange(tools, error.reason.id === databaseDiskFull.id ? ROOM_BYTES : 0)
        tools.saw(`${theDatabase(error)} takes changes.`)
        return true
      } catch (failure) {
        if (!isModelRegistryError(failure)) throw failure
        const { id } = failure.reason
        // It answers, and what it lacks opening it makes.
        if (id === schemaOlder.id && tools.setup.migratesAtOpen) {
          if (ABOUT_WRITING.has(error.reason.id)) {
            tools.saw(
              `${theDatabase(error)} has no tables yet, or old ones, so that it cannot be seen whether it takes changes.`,
            )
            return false
          }
          tools.saw(`${theDatabase(error)} answers.`)
          return true
        }
        if (!PASSES.has(id)) throw failure
        tools.saw(`${theDatabase(error)} takes no changes yet (${id}).`)
      }
      await tools.pause(pauseMs)
    }
  },
}

function otherTransactions(count: number): string {
  return count === 1
    ? '1 other transaction that holds what it changed'
    : `${count} other transactions that hold what they changed`
}

/** Whether waiting changes nothing, as far as can be seen. A call that is made again shows it by itself. */
function isSlow(error: ModelRegistryError, { isMadeAgain }: FixTools): boolean {
  return error.reason.id === statementTimeout.id && !isMadeAgain && !seenHeld.has(error)
}

const checkpoint: Fix = {
  ...checkpointDatabase,
  reason: 'What is recorded stays the same; it only lies in the database instead of in its log.',
  effects: ['database-log', 'probe-row'],
  plan: (error) => [
    {
      text: `Move what the log of ${theDatabase(error)} holds into the database, and shorten the log to nothing.`,
      changes: 'The size of the two files. What is recorded stays the same.',
      needs: 'No other process that is reading an older state.',
      undo: 'nothing-to-undo',
    },
    probeStep,
  ],
  async run(error, tools) {
    tools.signal.throwIfAborted()
    const freed = await reclaimed(tools)
    tools.did(
      freed > 0
        ? `The log of ${theDatabase(error)} was moved into the database, which gave ${freed} bytes back.`
        : `The log of ${theDatabase(error)} was asked for room, and had none to give.`,
    )
    try {
      await tryChange(tools, ROOM_BYTES)
      tools.saw(`${theDatabase(error)} takes changes of ${ROOM_BYTES} bytes.`)
      return true
    } catch (failure) {
      if (!isModelRegistryError(failure)) throw failure
      tools.saw(`${theDatabase(error)} still takes no changes (${failure.reason.id}).`)
      return false
    }
  },
}

/** On a disk without a free byte the database may have no room to take up what is in its log. */
async function reclaimed({ onDatabase, saw }: FixTools): Promise<number> {
  try {
    return await onDatabase((metadata) => metadata.reclaimSpace())
  } catch (failure) {
    if (!isModelRegistryError(failure) || failure.reason.id !== sqliteFull.id) throw failure
    saw(
      'The disk has no room even for moving the log into the database: free a little of it, and try once more.',
    )
    return 0
  }
}

/** The tables, which a database has to have before a registry can use it. */
const migrating: Fix = {
  ...runMigrations,
  reason:
    'It changes the tables of the database, which programs of an earlier version refuse to write to then.',
  effects: ['schema', 'probe-row'],
  async plan(error, { setup }) {
    return [migrateStep(theDatabase(error), await setup.missing()), probeStep]
  },
  async run(error, tools) {
    await migrate(theDatabase(error), tools)
    return seen(theDatabase(error), tools)
  },
}

const creating: Fix = {
  ...createDatabase,
  reason: 'It makes a database on the server, which a misspelt name in the address would make as well.',
  effects: ['database', 'schema', 'probe-row'],
  plan: ({ context: { database } }) => [
    {
      text: `Make the database ${database ?? 'that the address names'} on the same server, where there is none.`,
      changes: 'There is an empty database of that name.',
      needs: 'A user who may make databases.',
      undo: 'can-be-undone',
    },
    migrateStep('the new database', []),
    probeStep,
  ],
  async run(error, tools) {
    const { database = 'that the address names' } = error.context
    tools.signal.throwIfAborted()
    if (await tools.setup.create()) tools.did(`The database ${database} was made.`)
    else tools.saw(`The database ${database} is there.`)
    await migrate(theDatabase(error), tools)
    return seen(theDatabase(error), tools)
  },
}

function migrateStep(place: string, missing: readonly string[]): FixStep {
  return {
    text: `Run the migrations that ${place.replace(/^The /, 'the ')} lacks${missing.length === 0 ? '' : `: ${missing.join(', ')}`}.`,
    changes: 'The tables are those of this program. What is recorded stays.',
    needs: 'A user who may change tables.',
    undo: 'cannot-be-undone',
  }
}

async function migrate(place: string, { setup, signal, did, saw }: FixTools): Promise<void> {
  signal.throwIfAborted()
  const ran = await setup.migrate()
  if (ran.length > 0) did(`${place} ran ${ran.join(', ')}.`)
  else saw(`${place} has all migrations.`)
}

async function seen(place: string, tools: FixTools): Promise<true> {
  await tryChange(tools)
  tools.saw(`${place} takes changes.`)
  return true
}

export const databaseFixes: readonly FixRule[] = [
  { code: 'DATABASE_ERROR', causes: [sqliteFull], fix: checkpoint },
  { code: 'DATABASE_ERROR', causes: [databaseMissing], fix: creating },
  {
    code: 'DATABASE_ERROR',
    causes: [schemaOlder],
    when: ({ role }) => role === SERVICE_ROLE,
    none: 'The tables cannot be changed over HTTP: supabase db push brings them up to date.',
  },
  { code: 'DATABASE_ERROR', causes: [schemaOlder], fix: migrating },
  { code: 'DATABASE_ERROR', causes: passing, fix: waiting },
]
