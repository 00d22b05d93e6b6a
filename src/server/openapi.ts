import { STATUS_CODES } from 'node:http'
import swagger, { type SwaggerTransform } from '@fastify/swagger'
import Fastify from 'fastify'
import {
  createJsonSchemaTransform,
  createJsonSchemaTransformObject,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod'
import { z } from 'zod'
import { problemSchemas } from '../errors/pages/openapi-schemas.js'
import { packageVersion } from '../package-version.js'
import { PROBLEM_TYPE } from '../wire/headers.js'
import type { App } from './route.js'

/** The tags of the document, in the order in which a reader wants them. */
const tags = [
  { name: 'models', description: 'What is in the registry.' },
  { name: 'versions', description: 'One immutable version of a model.' },
  { name: 'files', description: 'The bytes of a version.' },
  { name: 'saves', description: 'A new version in steps: begin, send each file, publish.' },
  { name: 'aliases', description: 'Movable names for versions.' },
  { name: 'deployments', description: 'Which version is active where.' },
  { name: 'history', description: 'Who did what.' },
  { name: 'tokens', description: 'Access tokens.' },
  { name: 'health', description: 'Whether the server works.' },
  { name: 'breaker', description: 'Whether calls to the artifact store are let through.' },
  { name: 'errors', description: 'The catalog of errors.' },
]

const toJsonSchema = createJsonSchemaTransform({})

const toComponents = createJsonSchemaTransformObject({ schemaRegistry: z.globalRegistry })

/** Leaves out what nothing refers to, and says what each status means. */
function tidy(document: ReturnType<typeof toComponents>): ReturnType<typeof toComponents> {
  const text = JSON.stringify(document, (key, value: unknown) =>
    key === 'responses' && isObject(value) ? Object.fromEntries(Object.entries(value).map(described)) : value,
  )
  const tidied: typeof document = JSON.parse(text)
  const schemas = 'components' in tidied ? tidied.components?.schemas : undefined
  for (const name of Object.keys(schemas ?? {}))
    if (!text.includes(`"#/components/schemas/${name}"`)) delete schemas?.[name]
  return tidied
}

/** The document has one schema for problems; the catalog has one for each code, by which a client can tell them apart. */
function withProblems(document: ReturnType<typeof toComponents>): ReturnType<typeof toComponents> {
  const { components, ...rest }: { components?: { schemas?: object } } = JSON.parse(
    JSON.stringify(document, (key, value: unknown) => (key === 'default' ? eitherProblem(value) : value)),
  )
  const schemas = { ...components?.schemas, ...problemSchemas() }
  return Object.assign(document, rest, { components: { ...components, schemas } })
}

/** A response that is a problem: of the registry, or of HTTP alone. */
function eitherProblem(response: unknown): unknown {
  if (!isObject(response) || !isObject(response.content) || !(PROBLEM_TYPE in response.content))
    return response
  const anyOf = ['RegistryProblem', 'Problem'].map((name) => ({ $ref: `#/components/schemas/${name}` }))
  return { ...response, content: { [PROBLEM_TYPE]: { schema: { anyOf } } } }
}

function described([status, response]: [string, unknown]): [string, unknown] {
  if (!isObject(response) || response.description !== 'Default Response') return [status, response]
  return [status, { ...response, description: `${STATUS_CODES[status] ?? status}.` }]
}

/** The name of a wildcard is `*` to the router and `path` to a reader. The scope goes where a reader looks for it. */
const transform: SwaggerTransform = (route) => {
  const { schema, url } = toJsonSchema(route)
  if (schema === undefined || schema.hide === true) return { schema, url }
  const scope = route.route.config?.scope
  const params = schema.params
  if (isObject(params) && isObject(params.properties) && '*' in params.properties) {
    const { '*': path, ...properties } = params.properties
    const required = Array.isArray(params.required) ? params.required.filter((name) => name !== '*') : []
    schema.params = { ...params, properties: { ...properties, path }, required: [...required, 'path'] }
  }
  const headers = Object.entries(route.route.config?.headers ?? {})
  if (headers.length > 0) {
    const properties = headers.map(([name, description]) => [name, { type: 'string', description }])
    schema.headers = { type: 'object', properties: Object.fromEntries(properties) }
  }
  const open = scope === undefined || scope.startsWith('anybody')
  const description = [schema.description, open ? '' : `Needs the scope \`${scope}\`.`]
    .filter(Boolean)
    .join(' ')
  return {
    schema: {
      ...schema,
      ...(description === '' ? {} : { description }),
      security: open ? [] : [{ token: [] }],
    },
    url: url.replace(/\*$/, ':path'),
  }
}

/**
 * The OpenAPI document of the routes that `register` adds to an app. It is made on an app of its own that never
 * listens, and this file is loaded when the document is asked for: most servers never are, and it takes 10 MB.
 */
export async function describeApi(register: (app: App) => Promise<void>): Promise<object> {
  const app: App = Fastify().withTypeProvider<ZodTypeProvider>()
  app.setValidatorCompiler(() => () => true)
  app.setSerializerCompiler(() => (value) => JSON.stringify(value))
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'modelry',
        version: packageVersion(),
        description:
          'A model registry over HTTP. A model id with a namespace is one part of an address: `ns%2Fname`. Every failure is a problem document (RFC 9457).',
      },
      tags,
      components: {
        securitySchemes: {
          token: {
            type: 'http',
            scheme: 'bearer',
            description:
              'Not asked for while the registry has no token and the server listens on this machine alone.',
          },
        },
      },
    },
    transform,
    transformObject: (document) => withProblems(tidy(toComponents(document))),
  })

  await register(app)
  await app.ready()
  const document = app.swagger()
  await app.close()
  return document
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
