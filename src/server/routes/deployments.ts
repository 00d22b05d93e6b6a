import { z } from 'zod'
import { deploymentSchema } from '../../domain/deployment.js'
import { modelRecordSchema } from '../../domain/model-record.js'
import { deploymentQuerySchema } from '../../domain/query.js'
import { pageSchema } from '../../wire/answers.js'
import { deploySchema, rollbackSchema } from '../../wire/bodies.js'
import { refuseToken } from '../guard.js'
import { answerOnce, onceHeaders } from '../once.js'
import {
  type App,
  actorOf,
  modelParams,
  problems,
  type RouteDeps,
  sendJson,
  sendPage,
  signalOf,
} from '../route.js'
import { limitSchema } from './models.js'

const environmentParams = z.object({ modelId: z.string(), environment: z.string() })

export function deploymentRoutes(app: App, { engine, changes }: RouteDeps): void {
  const { registry } = engine

  app.post(
    '/api/models/:modelId/deployments',
    {
      config: { scope: 'deploy', headers: onceHeaders },
      schema: {
        summary: 'Make a version the active one of an environment',
        description:
          'With `expectedActive` it is compared and set. A deployment that is under way is waited for, up to `waitMs`. 200 with the deployment that is there when the version is active already. An environment that asks for approvals takes deployments by tokens alone.',
        tags: ['deployments'],
        params: modelParams,
        body: deploySchema,
        response: { 200: deploymentSchema, 201: deploymentSchema, ...problems },
      },
    },
    async (request, reply) =>
      answerOnce(engine, request, reply, async () => {
        const { version, ...options } = request.body
        // Whoever may call itself anything could deploy what it has approved by another name.
        if (request.headers.authorization === undefined && engine.asksForApprovals(options.environment))
          throw refuseToken(reply, 'deploy')
        const signal = signalOf(reply)
        const deployment = await registry.deployModel(request.params.modelId, version, {
          ...options,
          ...actorOf(request),
          signal,
        })
        return { status: changes.has(deployment) ? 201 : 200, value: deployment }
      }),
  )

  app.post(
    '/api/models/:modelId/environments/:environment/rollback',
    {
      config: { scope: 'deploy', headers: onceHeaders },
      schema: {
        summary: 'Make active again what was active before',
        description: 'Done twice, it goes back two deployments.',
        tags: ['deployments'],
        params: environmentParams,
        body: rollbackSchema.optional(),
        response: { 201: deploymentSchema, ...problems },
      },
    },
    async (request, reply) =>
      answerOnce(engine, request, reply, async () => {
        const { modelId, environment } = request.params
        const options = { ...request.body, ...actorOf(request), signal: signalOf(reply) }
        return { status: 201, value: await registry.rollbackDeployment(modelId, environment, options) }
      }),
  )

  app.get(
    '/api/models/:modelId/environments/:environment/active',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'Get the version that is active in an environment',
        description: '`null` when none is.',
        tags: ['deployments'],
        params: environmentParams,
        response: { 200: modelRecordSchema.nullable(), ...problems },
      },
    },
    async (request, reply) => {
      const { modelId, environment } = request.params
      return sendJson(reply, 200, await registry.getActiveModel(modelId, environment))
    },
  )

  app.get(
    '/api/deployments',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'List deployments',
        description: 'Newest first.',
        tags: ['deployments'],
        querystring: deploymentQuerySchema.extend({ limit: limitSchema }),
        response: { 200: pageSchema(deploymentSchema), ...problems },
      },
    },
    async (request, reply) => sendPage(reply, await registry.listDeployments(request.query)),
  )
}
