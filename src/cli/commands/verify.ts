import type { ModelFile, ModelRecord } from '../../domain/model-record.js'
import { isModelRegistryError } from '../../errors/model-registry-error.js'
import type { Registry } from '../../registry/registry.js'
import type { Answer, CliCommand } from '../command.js'
import { found } from '../found.js'
import { readRef } from '../options.js'
import { errorJson } from '../print-error.js'
import { withProgress } from '../progress.js'
import { refOf } from '../record-text.js'
import type { Session } from '../session.js'
import { table } from '../table.js'
import { count, size } from '../text.js'

type FileState = 'ok' | 'missing' | 'damaged' | 'unreadable'

export const verify: CliCommand = {
  examples: [{ what: 'Read every file of a version and check it', run: 'modelry verify btc-lstm@1.0.0' }],
  configure(command) {
    command.argument('<model[@version]>', 'a version, an alias or latest behind the @; latest when absent')
  },
  async run(session, [ref = '']) {
    const { id, version } = readRef(ref)
    const registry = await session.registry()
    try {
      const record = await withProgress(session, 'Verifying', (onProgress) =>
        found(registry, id, version, { verify: 'content', signal: session.signal, onProgress }),
      )
      return whole(record)
    } catch (error) {
      if (session.signal.aborted || stateAfter(error) === 'unreadable') throw error
      return failed(session, registry, await found(registry, id, version, { verify: 'none' }), error)
    }
  },
}

function whole(record: ModelRecord): Answer {
  const files = record.files.map((file) => ({ ...file, state: 'ok' }))
  return {
    json: { modelId: record.modelId, version: record.version, verified: true, files },
    text: (paint) =>
      `${paint.good('Verified')} ${paint.strong(refOf(record))}: ${count(files.length, 'file')}, ${size(record.size)}, each as it was saved.`,
  }
}

/** The check ends at the first file that is not as it was saved; what has to be mended is every such file. */
async function failed(
  session: Session,
  registry: Registry,
  record: ModelRecord,
  failure: unknown,
): Promise<Answer> {
  const files: (ModelFile & { readonly state: FileState })[] = []
  for (const file of record.files)
    files.push({ ...file, state: await stateOf(session, registry, record, file) })
  return {
    exitCode: 1,
    json: { ...Object(errorJson(failure, session.options)), verified: false, files },
    text: (_paint, { width }) =>
      table(
        [
          { head: 'FILE', cell: ({ path }) => path, atLeast: 16 },
          { head: 'SIZE', cell: (file) => size(file.size), align: 'right' },
          { head: 'STATE', cell: ({ state }) => state },
        ],
        files,
        width,
      ),
    failure,
  }
}

async function stateOf(
  { signal }: Session,
  registry: Registry,
  { modelId, version }: ModelRecord,
  { path }: ModelFile,
): Promise<FileState> {
  const model = await registry.loadModel(modelId, version, { signal })
  try {
    for await (const _ of model.stream(path)) signal.throwIfAborted()
    return 'ok'
  } catch (error) {
    signal.throwIfAborted()
    return stateAfter(error)
  }
}

function stateAfter(error: unknown): FileState {
  const id = isModelRegistryError(error) && error.code === 'S3_DOWNLOAD_FAILED' ? error.reason.id : undefined
  if (id === 'object-missing') return 'missing'
  return id === 'checksum-mismatch' || id === 'length-mismatch' ? 'damaged' : 'unreadable'
}
