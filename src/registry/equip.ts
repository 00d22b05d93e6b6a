import { equip, type FailedCall } from '../errors/auto-fix.js'
import { DatabaseError } from '../errors/database-error/error.js'
import { isModelRegistryError } from '../errors/model-registry-error.js'
import { toWebStream } from '../sources/web-stream.js'
import type { CallsUnderWay } from './calls-under-way.js'
import type { RegistryDeps } from './deps.js'
import { asUnavailable } from './outage.js'
import type { LoadedModel } from './registry.js'
import { restate } from './restate.js'

/**
 * Does `work`, and ties what it throws to the repairs of this registry. Every call of a registry goes through here, so that
 * it counts them as well: another function around it would be another promise for each read.
 *
 * @param calls - has it among them until it has ended, and refuses it after the registry was closed.
 */
export async function equipped<T>(
  deps: RegistryDeps,
  calls: CallsUnderWay,
  call: FailedCall,
  work: () => Promise<T> | T,
): Promise<T> {
  calls.begin(call.operation)
  try {
    return await work()
  } catch (error) {
    throw equippedError(deps, call, error)
  } finally {
    calls.end()
  }
}

/** What to throw to whoever made the call, tied to the repairs of this registry. */
function equippedError(deps: RegistryDeps, call: FailedCall, error: unknown): unknown {
  const told = asUnavailable(inWordsOf(call, error), call.operation)
  equipError(deps, call, told)
  return told
}

/** A failure of the database names what its caller called, rather than the step of it that the store was at. */
function inWordsOf({ operation }: FailedCall, error: unknown): unknown {
  return error instanceof DatabaseError && error.context.operation !== operation
    ? restate(error, { operation })
    : error
}

export function equipError({ fixerFor }: RegistryDeps, call: FailedCall, error: unknown): void {
  if (fixerFor !== undefined && isModelRegistryError(error)) equip(error, fixerFor(error, call))
}

/**
 * The bytes of a model are read after `loadModel` has ended, so that its errors come from these methods. A stream is not
 * waited for: whoever has it may never read it to its end. What is read after the registry was closed is refused, so that
 * closing ends.
 */
export function equippedModel(deps: RegistryDeps, model: LoadedModel, calls: CallsUnderWay): LoadedModel {
  const call: FailedCall = { operation: 'loadModel' }
  const read = <T>(work: () => Promise<T>) => equipped(deps, calls, call, work)
  return {
    record: model.record,
    files: model.files,
    json: (...args) => read(() => model.json(...args)),
    text: (...args) => read(() => model.text(...args)),
    bytes: (...args) => read(() => model.bytes(...args)),
    saveTo: (folder, options) => read(() => model.saveTo(folder, options)),
    stream(path, options) {
      try {
        const stream = model.stream(path, options)
        return toWebStream(async () => equippedPieces(deps, call, stream))
      } catch (error) {
        throw equippedError(deps, call, error)
      }
    },
  }
}

export async function* equippedPieces<T>(
  deps: RegistryDeps,
  call: FailedCall,
  pieces: AsyncIterable<T>,
): AsyncGenerator<T, void, undefined> {
  try {
    yield* pieces
  } catch (error) {
    throw equippedError(deps, call, error)
  }
}
