import { z } from 'zod'
import { modelFileSchema, modelRecordSchema } from '../../domain/model-record.js'
import { begunSaveSchema } from '../../wire/answers.js'
import { beginSaveSchema, storedFileSchema } from '../../wire/bodies.js'
import { answerOnce, onceHeaders } from '../once.js'
import {
  type App,
  actorOf,
  problems,
  type RouteDeps,
  sendJson,
  sendNothing,
  signalOf,
  versionPath,
} from '../route.js'

export const saveParams = z.object({ saveId: z.string() })

/** A list of 10,000 long paths beside the metadata. */
const BEGIN_LIMIT_BYTES = 6 * 1024 * 1024

export function saveRoutes(app: App, { engine }: RouteDeps): void {
  app.post(
    '/api/saves',
    {
      config: { scope: 'write', headers: onceHeaders, maxJsonBytes: BEGIN_LIMIT_BYTES },
      schema: {
        summary: 'Begin a save: reserve the version',
        description:
          'Then send each file with `PUT /api/saves/{saveId}/files/{path}` and publish. The reservation ends by itself when no step comes within `leaseMs`.',
        tags: ['saves'],
        body: beginSaveSchema,
        response: { 201: begunSaveSchema, ...problems },
      },
    },
    async (request, reply) =>
      answerOnce(engine, request, reply, async () => {
        const { metadata, files } = request.body
        const begun = await engine.saves.begin(metadata, files, actorOf(request))
        return { status: 201, value: begun, location: `/api/saves/${encodeURIComponent(begun.saveId)}` }
      }),
  )

  app.post(
    '/api/saves/:saveId/stored',
    {
      config: { scope: 'write' },
      schema: {
        summary: 'Take an object that is in the store already as a file of the save',
        description: 'It is looked up and hashed, never copied.',
        tags: ['saves'],
        params: saveParams,
        body: storedFileSchema,
        response: { 201: modelFileSchema, ...problems },
      },
    },
    async (request, reply) => {
      const { path, s3Path, mediaType } = request.body
      const options = { mediaType, signal: signalOf(reply) }
      return sendJson(
        reply,
        201,
        await engine.saves.registerStored(request.params.saveId, path, s3Path, options),
      )
    },
  )

  app.post(
    '/api/saves/:saveId/publish',
    {
      config: { scope: 'write', headers: onceHeaders },
      schema: {
        summary: 'Make the version visible',
        description: 'Publishing what is published gives the same version again.',
        tags: ['saves'],
        params: saveParams,
        response: { 201: modelRecordSchema, ...problems },
      },
    },
    async (request, reply) =>
      answerOnce(engine, request, reply, async () => {
        const record = await engine.saves.publish(request.params.saveId, actorOf(request))
        return { status: 201, value: record, location: versionPath(record.modelId, record.version) }
      }),
  )

  app.delete(
    '/api/saves/:saveId',
    {
      config: { scope: 'write' },
      schema: {
        summary: 'Give a save up: remove what was sent and free the version',
        description: 'A save that is gone or published is left alone.',
        tags: ['saves'],
        params: saveParams,
        response: { 204: z.null(), ...problems },
      },
    },
    async (request, reply) => {
      await engine.saves.discard(request.params.saveId)
      return sendNothing(reply)
    },
  )
}
