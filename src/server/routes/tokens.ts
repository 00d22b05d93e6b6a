import { z } from 'zod'
import { accessTokenSchema, createdTokenSchema, pageSchema } from '../../wire/answers.js'
import { createTokenSchema } from '../../wire/bodies.js'
import { HttpProblem } from '../problem.js'
import { type App, problems, type RouteDeps, sendJson, sendNothing } from '../route.js'

export function tokenRoutes(app: App, { engine, access }: RouteDeps): void {
  app.get(
    '/api/tokens',
    {
      config: { scope: 'admin' },
      schema: {
        summary: 'List access tokens',
        description: 'Their names and scopes; tokens themselves are not kept.',
        tags: ['tokens'],
        response: { 200: pageSchema(accessTokenSchema), ...problems },
      },
    },
    async (_request, reply) => sendJson(reply, 200, { items: await engine.tokens.list() }),
  )

  app.post(
    '/api/tokens',
    {
      config: { scope: 'admin' },
      schema: {
        summary: 'Make an access token',
        description:
          'The answer shows it for the only time. With the first token, the server asks every caller for one. Each scope allows what the ones before it do: read, write, deploy, admin.',
        tags: ['tokens'],
        body: createTokenSchema,
        response: { 201: createdTokenSchema, ...problems },
      },
    },
    async (request, reply) => {
      const { name, scopes } = request.body
      const token = await engine.tokens.create(name, scopes)
      access.refresh()
      reply.header('cache-control', 'no-store')
      return sendJson(reply, 201, { name, scopes, token })
    },
  )

  app.delete(
    '/api/tokens/:name',
    {
      config: { scope: 'admin' },
      schema: {
        summary: 'Revoke an access token',
        tags: ['tokens'],
        params: z.object({ name: z.string() }),
        response: { 204: z.null(), ...problems },
      },
    },
    async (request, reply) => {
      const { name } = request.params
      const revoked = await engine.tokens.revoke(name)
      access.refresh()
      if (!revoked) throw new HttpProblem(404, 'Not Found', `There is no token named ${name}.`)
      return sendNothing(reply)
    },
  )
}
