import { z } from 'zod'
import { modelFileSchema } from '../../domain/model-record.js'
import { begunUploadSchema, leaseSchema, signedRequestsSchema } from '../../wire/answers.js'
import {
  abortUploadSchema,
  beginUploadSchema,
  completeUploadSchema,
  signPartsSchema,
} from '../../wire/bodies.js'
import { type App, problems, type RouteDeps, sendJson, sendNothing, signalOf } from '../route.js'
import { saveParams } from './saves.js'

/** 10,000 parts with their etags. */
const COMPLETE_LIMIT_BYTES = 2 * 1024 * 1024

/** Uploads that go to the store itself: signed here, and looked at here before they count. */
export function directRoutes(app: App, { engine: { saves } }: RouteDeps): void {
  const { direct } = saves

  app.post(
    '/api/saves/:saveId/uploads',
    {
      config: { scope: 'write' },
      schema: {
        summary: 'Begin to send a file of a save directly to the store',
        description:
          '`whole`: make the signed request with the file as its body. `parts`: ask for a signed request for each part. Then complete the upload. `through-server`: send this file with `PUT /api/saves/{saveId}/files/{path}`. What the requests are signed for is a credential for 15 minutes: do not log it.',
        tags: ['saves'],
        params: saveParams,
        body: beginUploadSchema,
        response: { 201: begunUploadSchema, ...problems },
      },
    },
    async (request, reply) => {
      const { path, size, sha256 } = request.body
      const begun = await direct.begin(request.params.saveId, path, { size, sha256 })
      if (begun === undefined) return sendJson(reply, 201, { is: 'through-server' })
      return sendJson(reply, 201, begun.is === 'whole' ? { ...begun, request: wired(begun.request) } : begun)
    },
  )

  app.post(
    '/api/saves/:saveId/uploads/parts',
    {
      config: { scope: 'write' },
      schema: {
        summary: 'Sign requests for parts of an upload',
        description:
          'Each takes `size` bytes with that checksum. As often as it takes: each request expires after 15 minutes.',
        tags: ['saves'],
        params: saveParams,
        body: signPartsSchema,
        response: { 200: signedRequestsSchema, ...problems },
      },
    },
    async (request, reply) => {
      const { path, uploadId, parts } = request.body
      const signed = await direct.signParts(request.params.saveId, path, uploadId, parts)
      return sendJson(reply, 200, { items: signed.map(wired) })
    },
  )

  app.post(
    '/api/saves/:saveId/uploads/complete',
    {
      config: { scope: 'write', maxJsonBytes: COMPLETE_LIMIT_BYTES },
      schema: {
        summary: 'Record a file that was sent directly to the store',
        description:
          'What is said of it is compared with what the store compared when the bytes came, or, for a file in parts, with all of its bytes, which are read back. Others are removed. Doing it twice gives the same file.',
        tags: ['saves'],
        params: saveParams,
        body: completeUploadSchema,
        response: { 201: modelFileSchema, ...problems },
      },
    },
    async (request, reply) => {
      const { path, ...sent } = request.body
      const options = { ...sent, signal: signalOf(reply) }
      return sendJson(reply, 201, await direct.complete(request.params.saveId, path, options))
    },
  )

  app.post(
    '/api/saves/:saveId/uploads/abort',
    {
      config: { scope: 'write' },
      schema: {
        summary: 'End an upload in parts',
        description: 'One that is gone is left alone. Giving the save up ends all of its uploads.',
        tags: ['saves'],
        params: saveParams,
        body: abortUploadSchema,
        response: { 204: z.null(), ...problems },
      },
    },
    async (request, reply) => {
      const { path, uploadId } = request.body
      await direct.abort(request.params.saveId, path, uploadId)
      return sendNothing(reply)
    },
  )

  app.post(
    '/api/saves/:saveId/renew',
    {
      config: { scope: 'write' },
      schema: {
        summary: 'Keep a version reserved while its bytes are on their way to the store',
        tags: ['saves'],
        params: saveParams,
        response: { 200: leaseSchema, ...problems },
      },
    },
    async (request, reply) => sendJson(reply, 200, await direct.renew(request.params.saveId)),
  )
}

function wired<T extends { readonly expiresAt: Date }>({ expiresAt, ...request }: T) {
  return { ...request, expiresAt: expiresAt.toISOString() }
}
