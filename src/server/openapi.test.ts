import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import packageJson from '../../package.json' with { type: 'json' }
import { problemSchemas } from '../errors/pages/openapi-schemas.js'
import { saved } from './testing/saved.js'
import { send } from './testing/send.js'
import { served } from './testing/served.js'

const operationSchema = z.object({
  summary: z.string().min(5),
  tags: z.array(z.string()).length(1),
  security: z.array(z.unknown()),
  responses: z.record(z.string(), z.object({ content: z.unknown().optional() })),
  parameters: z.array(z.object({ name: z.string(), in: z.string() })).optional(),
})
const documentSchema = z.object({
  openapi: z.literal('3.1.0'),
  info: z.object({ version: z.literal(packageJson.version) }),
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
  components: z.object({ schemas: z.record(z.string(), z.unknown()) }),
})

describe('/openapi.json', () => {
  it('describes every route of the API', async () => {
    const { url } = await served()
    const { paths } = documentSchema.parse((await send(url, '/openapi.json')).json())
    const found = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    )
    expect(found.sort()).toEqual([
      'DELETE /api/models/{modelId}/aliases/{alias}',
      'DELETE /api/models/{modelId}/versions/{version}',
      'DELETE /api/models/{modelId}/versions/{version}/approvals/{environment}',
      'DELETE /api/saves/{saveId}',
      'DELETE /api/tokens/{name}',
      'GET /api/deployments',
      'GET /api/errors',
      'GET /api/errors/{code}',
      'GET /api/history',
      'GET /api/models',
      'GET /api/models/{modelId}/diff',
      'GET /api/models/{modelId}/environments/{environment}/active',
      'GET /api/models/{modelId}/versions',
      'GET /api/models/{modelId}/versions/{version}',
      'GET /api/models/{modelId}/versions/{version}/files',
      'GET /api/models/{modelId}/versions/{version}/files/{path}',
      'GET /api/models/{modelId}/versions/{version}/verification',
      'GET /api/monitoring/circuit-breaker',
      'GET /api/scan',
      'GET /api/tokens',
      'GET /errors',
      'GET /errors/{code}',
      'GET /healthz',
      'GET /metrics',
      'GET /readyz',
      'GET /runbooks/{name}',
      'HEAD /api/models/{modelId}/versions/{version}/files/{path}',
      'PATCH /api/models/{modelId}/versions/{version}',
      'POST /api/admin/circuit-breaker/reset',
      'POST /api/diagnose',
      'POST /api/models',
      'POST /api/models/{modelId}/deployments',
      'POST /api/models/{modelId}/environments/{environment}/rollback',
      'POST /api/models/{modelId}/versions/{version}/archive',
      'POST /api/models/{modelId}/versions/{version}/restore',
      'POST /api/saves',
      'POST /api/saves/{saveId}/publish',
      'POST /api/saves/{saveId}/renew',
      'POST /api/saves/{saveId}/stored',
      'POST /api/saves/{saveId}/uploads',
      'POST /api/saves/{saveId}/uploads/abort',
      'POST /api/saves/{saveId}/uploads/complete',
      'POST /api/saves/{saveId}/uploads/parts',
      'POST /api/tokens',
      'PUT /api/models/{modelId}/aliases/{alias}',
      'PUT /api/models/{modelId}/versions/{version}/approvals/{environment}',
      'PUT /api/saves/{saveId}/files/{path}',
    ])
  })

  it('names each part of a path as a parameter, and resolves every reference', async () => {
    const { url } = await served()
    const text = (await send(url, '/openapi.json')).body
    const { paths, components } = documentSchema.parse(JSON.parse(text))
    for (const [path, methods] of Object.entries(paths)) {
      const parts = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      for (const [method, { parameters = [] }] of Object.entries(methods)) {
        const named = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name)
        expect([method, path, named.sort()]).toEqual([method, path, parts.sort()])
      }
    }
    for (const [, name = ''] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g))
      expect(components.schemas).toHaveProperty(name)
    expect(components.schemas).toHaveProperty('Problem')
    expect(components.schemas).toHaveProperty('ModelRecord')
    expect(text).not.toContain('__SCHEMA')
  })

  it('has a problem for every operation of the API that can fail', async () => {
    const { url } = await served()
    const { paths } = documentSchema.parse((await send(url, '/openapi.json')).json())
    for (const [path, methods] of Object.entries(paths)) {
      if (!path.startsWith('/api/')) continue
      for (const { responses, security } of Object.values(methods)) {
        expect(JSON.stringify(responses.default?.content)).toContain('application/problem+json')
        // The catalog holds nothing of the registry.
        expect(security).toEqual(path.startsWith('/api/errors') ? [] : [{ token: [] }])
      }
    }
  })

  it('has a schema for the problems of each code, which a real one follows', async () => {
    const { url } = await served()
    const document = documentSchema.parse((await send(url, '/openapi.json')).json())
    const names = Object.keys(problemSchemas())
    expect(Object.keys(document.components.schemas)).toEqual(expect.arrayContaining(names))
    expect(JSON.stringify(document.paths)).toContain('"#/components/schemas/RegistryProblem"')
    const { default: problem } = document.paths['/api/models']?.get?.responses ?? {}
    expect(problem?.content).toMatchObject({ 'application/problem+json': { schema: { anyOf: [{}, {}] } } })
    const [, of] = z
      .object({ allOf: z.array(z.looseObject({})) })
      .parse(document.components.schemas.ModelNotFoundErrorProblem).allOf
    const answer = (await send(url, '/api/models/nobody/versions/1.0.0')).json()
    expect(z.fromJSONSchema(JSON.parse(JSON.stringify(of))).safeParse(answer).error).toBeUndefined()
  })

  it('describes what is answered', async () => {
    const { url } = await served()
    await saved(url)
    const { components } = documentSchema.parse((await send(url, '/openapi.json')).json())
    const schema = z.fromJSONSchema(JSON.parse(JSON.stringify(components.schemas.ModelRecord)))
    const record = (await send(url, '/api/models/btc-lstm/versions/1.0.0')).json()
    expect(schema.parse(record)).toEqual(record)
  })
})
