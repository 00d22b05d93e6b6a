import { createHash } from 'node:crypto'
import { isSha256 } from '../../domain/sha256.js'
import { checkpointDatabase, waitForDatabase } from '../causes/repairs.js'
import { sqliteBusy, sqliteFull, sqliteLocked } from '../causes/sqlite.js'
import { FIRST_PAUSE_MS, type Fix, type FixRule, type FixTools, nextPauseMs } from '../fix.js'
import { isModelRegistryError, type ModelRegistryError } from '../model-registry-error.js'

const PASSES = [sqliteBusy.id, sqliteLocked.id]
/** After a crash in between, the row is forgotten by itself after this. */
const PROBE_LEASE_MS = 1_000

const theDatabase = ({ context }: ModelRegistryError) => context.localPath ?? 'The database'

/** More than the largest metadata (64 KB) takes with all that is made of it. A small row fits on almost any full disk. */
const ROOM_BYTES = 256 * 1024

/**
 * Writes a row and removes it: what an empty transaction would not show, such as a full disk, shows.
 *
 * @throws DatabaseError
 */
async function tryChange({ metadata, newId, signal }: FixTools, bytes = 0): Promise<void> {
  signal.throwIfAborted()
  const key = `modelry-probe-${newId()}${'-'.repeat(bytes)}`
  const fingerprint = createHash('sha256').update(key).digest('hex')
  if (!isSha256(fingerprint)) throw new TypeError('createHash gave something other than a SHA-256 digest')
  const run = { key, owner: 'probe' }
  await metadata.beginIdempotent({ ...run, fingerprint, leaseMs: PROBE_LEASE_MS, keepMs: PROBE_LEASE_MS })
  await metadata.forgetIdempotent(run)
}

const probeStep = {
  text: 'Write one row and remove it, to see that the database takes changes.',
  changes: 'Nothing that stays: a row that is cut off in between is forgotten after a second.',
  needs: 'Nothing.',
  undo: 'nothing-to-undo',
} as const

const waiting: Fix = {
  ...waitForDatabase,
  reason: 'It waits, and writes nothing that stays.',
  effects: ['probe-row'],
  plan: (error) => [
    {
      text: `Wait until no other process keeps ${theDatabase(error)} locked.`,
      changes: 'Nothing.',
      needs: 'The transaction of the other process to end.',
      undo: 'nothing-to-undo',
    },
    probeStep,
  ],
  async run(error, tools) {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = nextPauseMs(pauseMs)) {
      try {
        await tryChange(tools)
        tools.saw(`${theDatabase(error)} takes changes.`)
        return true
      } catch (failure) {
        if (!isModelRegistryError(failure) || !PASSES.includes(failure.reason.id)) throw failure
        tools.saw(`${theDatabase(error)} is still locked.`)
      }
      await tools.pause(pauseMs)
    }
  },
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
async function reclaimed({ metadata, saw }: FixTools): Promise<number> {
  try {
    return await metadata.reclaimSpace()
  } catch (failure) {
    if (!isModelRegistryError(failure) || failure.reason.id !== sqliteFull.id) throw failure
    saw(
      'The disk has no room even for moving the log into the database: free a little of it, and try once more.',
    )
    return 0
  }
}

export const databaseFixes: readonly FixRule[] = [
  { code: 'DATABASE_ERROR', causes: [sqliteBusy, sqliteLocked], fix: waiting },
  { code: 'DATABASE_ERROR', causes: [sqliteFull], fix: checkpoint },
]
