import { z } from 'zod'
import type { ModelRecord, RecordText } from '../../domain/model-record.js'
import { modelRecordSchema, toRecordText } from '../../domain/model-record.js'
import { versionQuerySchema } from '../../domain/query.js'
import type { Engine } from '../../registry/engine.js'
import type { GetOptions } from '../../registry/registry.js'
import { pageSchema, versionDiffSchema } from '../../wire/answers.js'
import { metadataChangeSchema } from '../../wire/bodies.js'
import { CHANGED_HEADER } from '../../wire/headers.js'
import {
  type App,
  actorOf,
  modelParams,
  problems,
  type RouteDeps,
  sendJson,
  sendNothing,
  sendTagged,
  sendTexts,
  signalOf,
  versionParams,
} from '../route.js'
import { limitSchema } from './models.js'

const verifySchema = z.strictObject({
  verify: z.enum(['exists', 'content', 'none']).optional().meta({
    description:
      '`exists`: every file is in the store. `content`: every file is read and hashed. `none`: the record alone. By default `exists`, as long as the circuit of the store is closed.',
  }),
})

export function versionRoutes(app: App, { engine, changes }: RouteDeps): void {
  const { registry } = engine

  app.get(
    '/api/models/:modelId/versions',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'List the versions of a model',
        description:
          'One page of them, highest first by SemVer precedence; empty when there is no such model. `nextCursor` starts the next page.',
        tags: ['versions'],
        params: modelParams,
        querystring: versionQuerySchema.extend({ limit: limitSchema }),
        response: { 200: pageSchema(modelRecordSchema), ...problems },
      },
    },
    async (request, reply) =>
      sendTexts(reply, await engine.texts.listVersions(request.params.modelId, request.query)),
  )

  app.get(
    '/api/models/:modelId/versions/:version',
    {
      config: {
        scope: 'read',
        headers: { 'If-None-Match': 'The `ETag` that the caller has; 304 when nothing has changed.' },
      },
      schema: {
        summary: 'Get a version',
        description: 'By its own name, by an alias, or as `latest`. The `ETag` changes with anything in it.',
        tags: ['versions'],
        params: versionParams,
        querystring: verifySchema,
        response: { 200: modelRecordSchema, 304: z.null(), ...problems },
      },
    },
    async (request, reply) => {
      const { modelId, version } = request.params
      const { verify } = request.query
      const options = verify === 'content' ? { verify, signal: signalOf(reply) } : { verify }
      return sendTagged(request, reply, await requireText(engine, modelId, version, options))
    },
  )

  app.patch(
    '/api/models/:modelId/versions/:version',
    {
      config: { scope: 'write' },
      schema: {
        summary: 'Change the description or the tags of a version',
        tags: ['versions'],
        params: versionParams,
        body: metadataChangeSchema,
        response: { 200: modelRecordSchema, ...problems },
      },
    },
    async (request, reply) => {
      const { modelId, version } = request.params
      const record = await registry.updateMetadata(modelId, version, request.body, actorOf(request))
      return sendTagged(request, reply, toRecordText(record))
    },
  )

  app.delete(
    '/api/models/:modelId/versions/:version',
    {
      // Everything that `write` allows can be undone; this cannot.
      config: { scope: 'admin' },
      schema: {
        summary: 'Remove a version and its files for good',
        description: 'Refused while it is active anywhere.',
        tags: ['versions'],
        params: versionParams,
        response: { 204: z.null(), ...problems },
      },
    },
    async (request, reply) => {
      const { modelId, version } = request.params
      await registry.deleteModel(modelId, version, actorOf(request))
      return sendNothing(reply)
    },
  )

  for (const [action, summary] of [
    ['archive', 'Take a version out of use without removing it'],
    ['restore', 'Undo archiving a version'],
  ] as const) {
    app.post(
      `/api/models/:modelId/versions/:version/${action}`,
      {
        config: { scope: 'write' },
        schema: {
          summary,
          description: '`Modelry-Changed` in the answer is `false` when it was so already.',
          tags: ['versions'],
          params: versionParams,
          response: { 200: modelRecordSchema, ...problems },
        },
      },
      async (request, reply) => {
        const { modelId, version } = request.params
        const change = action === 'archive' ? registry.archiveModel : registry.restoreModel
        const record = await change(modelId, version, actorOf(request))
        reply.header(CHANGED_HEADER, String(changes.has(record)))
        return sendJson(reply, 200, record)
      },
    )
  }

  app.get(
    '/api/models/:modelId/diff',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'Compare two versions of a model',
        tags: ['versions'],
        params: modelParams,
        querystring: z.strictObject({ from: z.string(), to: z.string() }),
        response: { 200: versionDiffSchema, ...problems },
      },
    },
    async (request, reply) => {
      const { from, to } = request.query
      return sendJson(reply, 200, await registry.diffVersions(request.params.modelId, from, to))
    },
  )
}

/** @throws ModelNotFoundError with the versions and names that are there, which only `loadModel` looks up. */
export async function requireRecord(
  { registry }: Engine,
  modelId: string,
  version: string,
  options: GetOptions,
): Promise<ModelRecord> {
  return (
    (await registry.getModel(modelId, version, options)) ??
    (await registry.loadModel(modelId, version)).record
  )
}

async function requireText(
  { registry, texts }: Engine,
  modelId: string,
  version: string,
  options: GetOptions,
): Promise<RecordText> {
  return (
    (await texts.getModel(modelId, version, options)) ??
    toRecordText((await registry.loadModel(modelId, version)).record)
  )
}
