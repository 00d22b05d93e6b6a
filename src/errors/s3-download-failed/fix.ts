import { createHash } from 'node:crypto'
import { isModelId } from '../../domain/model-id.js'
import type { ModelFile, ModelRecord } from '../../domain/model-record.js'
import { isVersion } from '../../domain/version.js'
import { diskFault, tooManyOpenFiles } from '../causes/local-disk.js'
import { checksumMismatch, lengthMismatch, objectMissing } from '../causes/objects.js'
import { rereadFile } from '../causes/repairs.js'
import { FIRST_PAUSE_MS, type Fix, type FixRule, type FixStores, type FixTools, nextPauseMs } from '../fix.js'
import { isModelRegistryError, type ModelRegistryError } from '../model-registry-error.js'

/** With the pauses in between about six seconds: a file that is being put back is whole by then, or stays damaged. */
const TRIES = 8

const rereading: Fix = {
  ...rereadFile,
  reason: 'It reads, and writes nothing.',
  effects: [],
  async plan(error, stores) {
    const { files } = await subjectOf(error, stores)
    return files.map((file) => ({
      text: `Read ${file.path} at ${file.address} again, ${file.size} bytes, and compare it with its sha256, up to ${TRIES} times.`,
      changes: 'Nothing.',
      needs: 'The bytes that were saved to be there again, as when a copy was under way.',
      undo: 'nothing-to-undo',
    }))
  },
  async run(error, tools) {
    const { files, record } = await subjectOf(error, tools)
    if (record === undefined) {
      tools.saw('The version is not in the registry, so that there is no sha256 to compare the bytes with.')
      return false
    }
    for (const file of files) if (!(await becomesWhole(file, tools))) return false
    return files.length > 0
  },
}

/** The file that the failure names, or all of its version. */
async function subjectOf(
  { context }: ModelRegistryError,
  { metadata }: FixStores,
): Promise<{ readonly record?: ModelRecord; readonly files: readonly ModelFile[] }> {
  const { modelId = '', version = '', file } = context
  if (!isModelId(modelId) || !isVersion(version)) return { files: [] }
  const record = await metadata.findVersion(modelId, { is: 'version', version })
  if (record === undefined) return { files: [] }
  return { record, files: record.files.filter(({ path }) => file === undefined || path === file) }
}

async function becomesWhole(file: ModelFile, tools: FixTools): Promise<boolean> {
  let pauseMs = FIRST_PAUSE_MS
  for (let tried = 1; ; tried += 1) {
    const problem = await problemOf(file, tools)
    if (problem === undefined) {
      tools.saw(`${file.path} is as it was saved: ${file.size} bytes with sha256 ${file.sha256}.`)
      return true
    }
    tools.saw(`${file.path} is not as it was saved: ${problem}.`)
    if (tried === TRIES) return false
    await tools.pause(pauseMs)
    pauseMs = nextPauseMs(pauseMs)
  }
}

async function problemOf(file: ModelFile, { artifacts, signal }: FixTools): Promise<string | undefined> {
  const hash = createHash('sha256')
  let size = 0
  try {
    for await (const piece of await artifacts.open(file.address, { signal })) {
      hash.update(piece)
      size += piece.length
    }
  } catch (failure) {
    signal.throwIfAborted()
    if (!isModelRegistryError(failure)) throw failure
    return failure.reason.because(failure.context)
  }
  if (size !== file.size) return `it has ${size} bytes where ${file.size} were saved`
  return hash.digest('hex') === file.sha256 ? undefined : 'its bytes have another sha256'
}

export const downloadFixes: readonly FixRule[] = [
  {
    code: 'S3_DOWNLOAD_FAILED',
    causes: [lengthMismatch, checksumMismatch, diskFault, tooManyOpenFiles],
    fix: rereading,
  },
  {
    code: 'S3_DOWNLOAD_FAILED',
    causes: [objectMissing],
    none: 'Only a backup has the bytes that are missing: nothing in the registry can make them again.',
  },
]
