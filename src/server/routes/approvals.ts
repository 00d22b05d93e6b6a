import { z } from 'zod'
import { modelRecordSchema } from '../../domain/model-record.js'
import { type App, actorOf, problems, type RouteDeps, sendJson, versionParams } from '../route.js'

const params = versionParams.extend({ environment: z.string() })

export function approvalRoutes(app: App, { engine: { registry } }: RouteDeps): void {
  const url = '/api/models/:modelId/versions/:version/approvals/:environment'
  // An approval counts as the word of another: a name that the caller gives itself would make it worth nothing.
  const config = { scope: 'deploy', identity: 'token' } as const

  app.put(
    url,
    {
      config,
      schema: {
        summary: 'Approve a version for an environment',
        description:
          'By the name of the token that is used; a server without tokens takes no approvals. It counts for deployments by others.',
        tags: ['deployments'],
        params,
        response: { 200: modelRecordSchema, ...problems },
      },
    },
    async (request, reply) => {
      const { modelId, version, environment } = request.params
      return sendJson(
        reply,
        200,
        await registry.approveDeployment(modelId, version, environment, actorOf(request)),
      )
    },
  )

  app.delete(
    url,
    {
      config,
      schema: {
        summary: 'Take an approval back',
        description: 'What is active stays active.',
        tags: ['deployments'],
        params,
        querystring: z.strictObject({
          approvedBy: z
            .string()
            .optional()
            .meta({ description: 'Whose approval; that of the token by default.' }),
        }),
        response: { 200: modelRecordSchema, ...problems },
      },
    },
    async (request, reply) => {
      const { modelId, version, environment } = request.params
      const options = { ...request.query, ...actorOf(request) }
      return sendJson(reply, 200, await registry.revokeApproval(modelId, version, environment, options))
    },
  )
}
