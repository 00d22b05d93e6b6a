import { equip, type FailedCall } from '../errors/auto-fix.js'
import { isModelRegistryError } from '../errors/model-registry-error.js'
import type { RegistryDeps } from './deps.js'
import type { LoadedModel } from './registry.js'
import { toWebStream } from './web-stream.js'

/** Does `work`, and ties what it throws to the repairs of this registry. */
export async function equipped<T>(
  deps: RegistryDeps,
  call: FailedCall,
  work: () => Promise<T> | T,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    equipError(deps, call, error)
    throw error
  }
}

function equipError({ fixerFor }: RegistryDeps, call: FailedCall, error: unknown): void {
  if (fixerFor !== undefined && isModelRegistryError(error)) equip(error, fixerFor(error, call))
}

/** The bytes of a model are read after `loadModel` has ended, so that its errors come from these methods. */
export function equippedModel(deps: RegistryDeps, model: LoadedModel): LoadedModel {
  const call: FailedCall = { operation: 'loadModel' }
  return {
    record: model.record,
    files: model.files,
    json: (path) => equipped(deps, call, () => model.json(path)),
    text: (path) => equipped(deps, call, () => model.text(path)),
    bytes: (path) => equipped(deps, call, () => model.bytes(path)),
    saveTo: (folder, options) => equipped(deps, call, () => model.saveTo(folder, options)),
    stream(path, options) {
      try {
        const stream = model.stream(path, options)
        return toWebStream(async () => equippedPieces(deps, call, stream))
      } catch (error) {
        equipError(deps, call, error)
        throw error
      }
    },
  }
}

async function* equippedPieces(
  deps: RegistryDeps,
  call: FailedCall,
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* pieces
  } catch (error) {
    equipError(deps, call, error)
    throw error
  }
}
