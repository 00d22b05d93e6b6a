import {
  bytesOf,
  isAsyncIterable,
  isWebStream,
  piecesOfBytes,
  piecesOfStream,
  streamProblem,
  takeStream,
} from './byte-stream.js'
import { notAModel, type PartDraft, refuseModel } from './draft.js'
import { jsonBytes } from './json-bytes.js'
import { BYTES, mediaTypeOf } from './media-type.js'
import {
  type ByteStream,
  type ModelSource,
  type PartsSource,
  partsOf,
  type SavableModel,
} from './model-source.js'
import { tfjsDrafts } from './tfjs-drafts.js'

const ALLOWED =
  'JSON, text, bytes, a Blob, a stream, a TensorFlow.js model, or what fromFile, fromFolder, fromParts and fromStored give'

/**
 * The parts of a model, their paths not checked.
 *
 * @param name - the path of the part where the caller has chosen it. A source of several files puts them below it.
 * @throws ModelValidationError when the value is no model.
 */
export async function draftsOf(model: ModelSource, name?: string): Promise<readonly PartDraft[]> {
  // Typed callers cannot give anything else; callers of JavaScript do.
  const value: unknown = model
  if (typeof value === 'string') {
    const path = name ?? 'model.txt'
    return [inMemory(path, typeOr('text/plain; charset=utf-8', path), new TextEncoder().encode(value))]
  }
  const bytes = bytesOf(value)
  if (bytes !== undefined) return [inMemory(name ?? 'model.bin', typeOr(BYTES, name), bytes)]
  if (typeof value === 'object' && value !== null) {
    if (isPartsSource(value)) return below(name, await value[partsOf]())
    if (isBlob(value)) return [blobDraft(value, name)]
    if (isWebStream(value) || isAsyncIterable(value)) return [streamDraft(value, name)]
    if (isSavable(value)) return below(name, await tfjsDrafts(value), 'always')
    if ('then' in value && typeof value.then === 'function')
      refuseModel([notAModel(name ?? '', 'a promise', `what it resolves to: await it first`)])
  }
  if (value === undefined || typeof value === 'function')
    refuseModel([notAModel(name ?? '', value === undefined ? 'nothing' : 'a function', ALLOWED)])
  const path = name ?? 'model.json'
  return [inMemory(path, typeOr('application/json', path), jsonBytes(value, name))]
}

/** The type that the name tells, or else the kind of value. */
function typeOr(kind: string, path = ''): string {
  const byName = mediaTypeOf(path)
  return byName === BYTES ? kind : byName
}

function inMemory(path: string, mediaType: string, bytes: Uint8Array): PartDraft {
  return {
    is: 'bytes',
    path,
    mediaType,
    size: bytes.length,
    reads: 'again',
    open: () => piecesOfBytes(bytes),
  }
}

function blobDraft(blob: Blob, name: string | undefined): PartDraft {
  const ownName = 'name' in blob && typeof blob.name === 'string' && blob.name !== '' ? blob.name : undefined
  const path = name ?? ownName ?? 'model.bin'
  return {
    is: 'bytes',
    path,
    mediaType: blob.type === '' ? mediaTypeOf(path) : blob.type,
    size: blob.size,
    reads: 'again',
    open: (signal) => piecesOfStream(blob.stream(), signal),
  }
}

function streamDraft(stream: ByteStream, name: string | undefined): PartDraft {
  const path = name ?? 'model.bin'
  const problem = streamProblem(stream)
  if (problem !== undefined) refuseModel([notAModel(path, problem, 'a stream of bytes that nobody has read')])
  takeStream(stream)
  return {
    is: 'bytes',
    path,
    mediaType: mediaTypeOf(path),
    reads: 'once',
    open: (signal) => piecesOfStream(stream, signal),
  }
}

/** One part takes the name, several go below it; a TensorFlow.js model goes below it as well, since it is two files. */
function below(
  name: string | undefined,
  drafts: readonly PartDraft[],
  folder: 'when-several' | 'always' = 'when-several',
): readonly PartDraft[] {
  if (name === undefined) return drafts
  const [only] = drafts
  if (only !== undefined && drafts.length === 1 && folder === 'when-several')
    return [{ ...only, path: name, mediaType: typeOr(only.mediaType, name) }]
  return drafts.map((draft) => ({ ...draft, path: `${name}/${draft.path}` }))
}

function isPartsSource(value: object): value is PartsSource {
  return partsOf in value && typeof value[partsOf] === 'function'
}

function isBlob(value: object): value is Blob {
  return /^\[object (?:Blob|File)\]$/.test(Object.prototype.toString.call(value))
}

function isSavable(value: object): value is SavableModel {
  return 'save' in value && typeof value.save === 'function'
}
