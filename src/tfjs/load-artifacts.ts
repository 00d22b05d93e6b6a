import { fileNotParsable } from '../errors/causes/objects.js'
import { S3DownloadError } from '../errors/s3-download-failed/error.js'
import type { LoadedModel } from '../registry/registry.js'
import type { TfjsModelArtifacts } from './artifacts.js'
import { parseModelJson } from './model-json.js'
import { weightBytes } from './weight-bytes.js'

/** The parts of a loaded version that are needed; `LoadedModel` has them. */
export type TfjsLoadedModel = Pick<LoadedModel, 'record' | 'files' | 'json' | 'bytes'>

/**
 * Reads a version as TensorFlow.js artifacts: `model.json`, which may lie in a folder, and the weights that it names.
 * Every file is checked against its sha256. For `tf.loadLayersModel(tf.io.fromMemory(artifacts))`, or to be looked at.
 *
 * @throws S3DownloadError when a file is missing or damaged; with reason `file-not-parsable` when it is no such model, or
 * its weights are not as many bytes as its topology needs.
 */
export async function loadTfjsArtifacts(model: TfjsLoadedModel): Promise<TfjsModelArtifacts> {
  const path = modelJsonOf(model)
  const parsed = parseModelJson(await model.json(path))
  if (parsed === undefined) throw notTfjs(model, path)
  const folder = path.slice(0, path.lastIndexOf('/') + 1)
  const weightData: ArrayBuffer[] = []
  // One after another: they end up in memory together, but not their buffers on the way.
  for (const weights of parsed.weightPaths) weightData.push(exactBuffer(await model.bytes(folder + weights)))
  const expected = weightBytes(parsed.artifacts.weightSpecs)
  const actual = weightData.reduce((sum, { byteLength }) => sum + byteLength, 0)
  if (expected !== undefined && expected !== actual)
    throw notParsable(model, path, `a model whose weights take ${expected} bytes, as they have ${actual}`)
  return { ...parsed.artifacts, weightData: forTfjs(weightData) }
}

/**
 * TensorFlow.js (4.22, `CompositeArrayBuffer`) takes all buffers for as large as the first when only the last differs,
 * and reads zeros, without an error, from a last one that is larger. Joined, they are read as they are.
 */
function forTfjs(buffers: ArrayBuffer[]): ArrayBuffer | ArrayBuffer[] {
  const [first] = buffers
  const last = buffers.at(-1)
  if (first === undefined || last === undefined || last === first) return first ?? buffers
  if (last.byteLength <= first.byteLength) return buffers
  const joined = new Uint8Array(buffers.reduce((sum, { byteLength }) => sum + byteLength, 0))
  let at = 0
  for (const buffer of buffers) {
    joined.set(new Uint8Array(buffer), at)
    at += buffer.byteLength
  }
  return joined.buffer
}

/** `model.json` at the top, or else the only one below it. */
function modelJsonOf(model: TfjsLoadedModel): string {
  const named = model.files
    .map(({ path }): string => path)
    .filter((path) => /(?:^|\/)model\.json$/.test(path))
  const [first] = named
  if (named.includes('model.json')) return 'model.json'
  if (first !== undefined && named.length === 1) return first
  throw notTfjs(model, first)
}

/** The buffer of the bytes alone; copied only when they are part of a larger one. */
function exactBuffer(bytes: Uint8Array): ArrayBuffer {
  const { buffer, byteLength } = bytes
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? buffer : bytes.slice().buffer
}

function notTfjs(model: TfjsLoadedModel, file: string | undefined): S3DownloadError {
  return notParsable(model, file, 'a TensorFlow.js model: a model.json with its topology, and weights')
}

function notParsable(
  { record, files }: TfjsLoadedModel,
  file: string | undefined,
  expected: string,
): S3DownloadError {
  const { modelId, version } = record
  const s3Path = files.find(({ path }) => path === file)?.address ?? record.s3Path
  return new S3DownloadError(
    { modelId, version, s3Path, expected, ...(file === undefined ? {} : { file }) },
    { reason: fileNotParsable },
  )
}
