import { z } from 'zod'
import { parseFilePath } from '../../domain/file-path.js'
import { modelRecordSchema } from '../../domain/model-record.js'
import { PAGE_LIMIT } from '../../domain/page.js'
import { modelQuerySchema } from '../../domain/query.js'
import { parseS3Address } from '../../domain/s3-address.js'
import { type ModelPart, type PartsSource, partsOf } from '../../sources/model-source.js'
import { pageSchema } from '../../wire/answers.js'
import { createVersionSchema } from '../../wire/bodies.js'
import { answerOnce, onceHeaders } from '../once.js'
import { type App, actorOf, problems, type RouteDeps, sendTexts, versionPath } from '../route.js'

/** As text in an address. */
export const limitSchema = z.coerce.number().int().min(1).max(PAGE_LIMIT).optional()

const query = modelQuerySchema.extend({ limit: limitSchema })

export function modelRoutes(app: App, { engine }: RouteDeps): void {
  app.get(
    '/api/models',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'List versions of all models',
        description:
          'One page of the versions that match every filter given. `nextCursor` starts the next page.',
        tags: ['models'],
        querystring: query,
        response: { 200: pageSchema(modelRecordSchema), ...problems },
      },
    },
    async (request, reply) => sendTexts(reply, await engine.texts.listModels(request.query)),
  )

  app.post(
    '/api/models',
    {
      config: { scope: 'write', headers: onceHeaders },
      schema: {
        summary: 'Record a version of files that are in the store already',
        description:
          'Each object is looked up and hashed, never copied. To send bytes, begin a save with `POST /api/saves`.',
        tags: ['models'],
        body: createVersionSchema,
        response: { 201: modelRecordSchema, ...problems },
      },
    },
    async (request, reply) =>
      answerOnce(engine, request, reply, async () => {
        const { files, metadata } = request.body
        const record = await engine.registry.saveModel(storedParts(files), metadata, actorOf(request))
        return { status: 201, value: record, location: versionPath(record.modelId, record.version) }
      }),
  )
}

function storedParts(
  files: readonly {
    readonly path: string
    readonly s3Path: string
    readonly mediaType?: string | undefined
  }[],
): PartsSource {
  return {
    [partsOf]: async () =>
      files.map(
        ({ path, s3Path, mediaType }): ModelPart => ({
          is: 'stored',
          path: parseFilePath(path),
          mediaType: mediaType ?? 'application/octet-stream',
          address: parseS3Address(s3Path),
        }),
      ),
  }
}
