import { isDeepStrictEqual } from 'node:util'
import { parseModelId } from '../domain/model-id.js'
import type { ModelFile, ModelRecord } from '../domain/model-record.js'
import type { RegistryDeps } from './deps.js'
import { requireVersion } from './not-found.js'
import type { VersionDiff } from './registry.js'

/** @see Registry.diffVersions */
export async function diffVersions(
  deps: RegistryDeps,
  modelId: string,
  from: string,
  to: string,
): Promise<VersionDiff> {
  const id = parseModelId(modelId)
  const [a, b] = [await requireVersion(deps, id, from), await requireVersion(deps, id, to)]
  return {
    modelId: id,
    from: a.version,
    to: b.version,
    metadata: [...differences('', metadataOf(a), metadataOf(b))],
    files: fileDifferences(a.files, b.files),
    identicalContent: a.digest === b.digest,
  }
}

/** What the saver said; not what the registry keeps of its own accord. */
function metadataOf({ modelType, inputShape, outputShape, accuracy, metrics, ...record }: ModelRecord) {
  const { description, tags, framework, hyperparameters, trainedAt, lineage } = record
  const said = { modelType, inputShape, outputShape, accuracy, metrics }
  return { ...said, description, tags, framework, hyperparameters, trainedAt, lineage }
}

function* differences(path: string, from: unknown, to: unknown): Generator<VersionDiff['metadata'][number]> {
  if (isDeepStrictEqual(from, to)) return
  if (isPlain(from) && isPlain(to)) {
    const keys = new Set([...Object.keys(from), ...Object.keys(to)])
    for (const key of [...keys].sort())
      yield* differences(path === '' ? key : `${path}.${key}`, from[key], to[key])
    return
  }
  yield { path, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function fileDifferences(before: readonly ModelFile[], after: readonly ModelFile[]): VersionDiff['files'] {
  const [left, right] = [byPath(before), byPath(after)]
  const paths = [...new Set([...left.keys(), ...right.keys()])].sort()
  return paths.flatMap((path): VersionDiff['files'][number][] => {
    const [from, to] = [left.get(path), right.get(path)]
    if (from === undefined) return to === undefined ? [] : [{ path, change: 'added', to }]
    if (to === undefined) return [{ path, change: 'removed', from }]
    return from.sha256 === to.sha256 ? [] : [{ path, change: 'changed', from, to }]
  })
}

function byPath(files: readonly ModelFile[]) {
  return new Map(files.map(({ path, size, sha256 }) => [path as string, { size, sha256 }]))
}
