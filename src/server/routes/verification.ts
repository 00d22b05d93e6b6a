import { setTimeout as pause } from 'node:timers/promises'
import type { ModelRecord } from '../../domain/model-record.js'
import type { TransferProgress } from '../../registry/registry.js'
import { verificationLineSchema } from '../../wire/answers.js'
import { NDJSON_TYPE } from '../../wire/headers.js'
import { sendLines } from '../ndjson.js'
import { type App, problems, type RouteDeps, signalOf, versionParams } from '../route.js'
import { requireRecord } from './versions.js'

/** Often enough for a bar that moves and for proxies that end silent connections. */
const TELL_EVERY_MS = 200

export function verificationRoutes(app: App, deps: RouteDeps): void {
  const { engine } = deps
  app.get(
    '/api/models/:modelId/versions/:version/verification',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'Read and hash every file of a version, telling how far it is',
        description:
          'One line now and then with `progress`; the last has the `record`, or the `problem` that was found. The same as `verify=content`, for files that take their time.',
        tags: ['versions'],
        params: versionParams,
        response: {
          200: { description: 'Progress.', content: { [NDJSON_TYPE]: { schema: verificationLineSchema } } },
          ...problems,
        },
      },
    },
    async (request, reply) => {
      const { modelId, version } = request.params
      // What is not there is a 404, before the first line.
      const record = await requireRecord(engine, modelId, version, { verify: 'none' })
      const signal = signalOf(reply)
      const work = (onProgress: (progress: TransferProgress) => void) =>
        requireRecord(engine, record.modelId, record.version, { verify: 'content', signal, onProgress })
      return sendLines(request, reply, deps, told(work))
    },
  )
}

async function* told(
  work: (onProgress: (progress: TransferProgress) => void) => Promise<ModelRecord>,
): AsyncGenerator<{ progress: TransferProgress } | { record: ModelRecord }> {
  let latest: TransferProgress | undefined
  const done = work((progress) => {
    latest = progress
  }).then((record) => ({ record }))
  for (;;) {
    const tick = new AbortController()
    const ended = await Promise.race([
      done,
      pause(TELL_EVERY_MS, undefined, { signal: tick.signal }).catch(() => undefined),
    ]).finally(() => tick.abort())
    if (latest !== undefined) yield { progress: latest }
    if (ended === undefined) continue
    yield ended
    return
  }
}
