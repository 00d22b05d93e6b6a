import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { type Config, shownDb, storePlace } from '../config.js'
import type { AnyModelRegistryError } from '../errors/any-error.js'
import { isModelRegistryError, type ModelRegistryError } from '../errors/model-registry-error.js'
import { reviveError } from '../errors/revive.js'
import { chooseFix } from '../recovery/fix-rules.js'
import type { Session } from './session.js'

const schema = z.object({
  at: z.string(),
  command: z.string(),
  store: z.string().optional(),
  db: z.string().optional(),
  error: z.unknown(),
  /** The errors underneath it, from the outermost to the innermost: repairs are often theirs. */
  underneath: z.array(z.unknown()).default([]),
})

export interface LastFailure {
  readonly at: string
  /** The names of the command, such as `alias set`, without what it was given. */
  readonly command: string
  /** Which stores it worked on, without secrets. */
  readonly store?: string | undefined
  readonly db?: string | undefined
  readonly error: AnyModelRegistryError
}

/** They tell of errors, change nothing, or have a registry of their own: their failures are none of this one's. */
const UNKEPT = new Set(['fix', 'explain', 'errors', 'diagnose', 'config', 'tour', 'completion'])

/** Keeps the failure of a command for `modelry fix`, where the registry is on this machine. Never throws. */
export async function keepLastFailure(session: Session, command: string, error: unknown): Promise<void> {
  if (!isModelRegistryError(error) || UNKEPT.has(command)) return
  try {
    const { config } = await session.config()
    if (config.remote !== undefined) return
    const kept = {
      ...{ at: new Date().toISOString(), command, ...placesOf(config) },
      ...{ error: error.toJSON(), underneath: underneath(error).map((one) => one.toJSON()) },
    }
    // A database that is to be repaired before it can be opened may be that of a registry which has no folder yet.
    if (error.code === 'DATABASE_ERROR' && chooseFix(error).is === 'fix')
      await mkdir(config.home, { recursive: true })
    await writeFile(fileIn(config.home), `${JSON.stringify(kept, null, 2)}\n`, { mode: 0o600 })
  } catch {
    // The error itself is what counts. Other failures are no reason to make the folder.
  }
}

/** Which stores a command works on. */
export function placesOf({ store, db }: Config): { readonly store: string; readonly db: string } {
  return { store: storePlace(store), db: shownDb(db) }
}

/** @returns undefined when none was kept, or what was kept cannot be read. */
export async function readLastFailure(home: string): Promise<LastFailure | undefined> {
  const kept = await readFile(fileIn(home), 'utf8').then(parsed, () => undefined)
  const cause = kept?.underneath.reduceRight<unknown>(
    (below, one) => reviveError(one, below) ?? below,
    undefined,
  )
  const error = reviveError(kept?.error, cause)
  return kept === undefined || error === undefined ? undefined : { ...kept, error }
}

/** A chain of causes has no end that could be relied on. */
function underneath({ cause }: Error, depth = 8): ModelRegistryError[] {
  return depth > 0 && isModelRegistryError(cause) ? [cause, ...underneath(cause, depth - 1)] : []
}

function parsed(text: string): z.infer<typeof schema> | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data
  } catch {
    // Another command may be writing it at this moment.
    return undefined
  }
}

const fileIn = (home: string) => join(home, 'last-failure.json')
