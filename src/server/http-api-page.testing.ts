import { z } from 'zod'

/** As much of an OpenAPI document as the page shows. */
const parameterSchema = z.object({
  name: z.string(),
  in: z.enum(['path', 'query', 'header']),
  required: z.boolean().optional(),
  description: z.string().optional(),
  schema: z.record(z.string(), z.unknown()),
})
const contentSchema = z.record(z.string(), z.object({ schema: z.record(z.string(), z.unknown()) }))
const operationSchema = z.object({
  summary: z.string(),
  description: z.string().optional(),
  tags: z.array(z.string()),
  parameters: z.array(parameterSchema).default([]),
  requestBody: z.object({ content: contentSchema }).optional(),
  responses: z.record(z.string(), z.object({ description: z.string(), content: contentSchema.optional() })),
})
type Operation = z.output<typeof operationSchema>

const documentSchema = z.object({
  info: z.object({ description: z.string() }),
  tags: z.array(z.object({ name: z.string(), description: z.string() })),
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
  components: z.object({ schemas: z.record(z.string(), z.record(z.string(), z.unknown())) }),
})

const PROLOGUE = `# HTTP API

<!-- Generated from the routes' schemas by src/server/http-api-page.test.ts; UPDATE=1 writes it anew. -->

\`modelry serve\` answers on \`http://127.0.0.1:7878\`. The same document for programs is at \`/openapi.json\` (OpenAPI 3.1).

## In short

\`\`\`sh
# Save a version in steps: reserve it, send its files, publish it.
curl -s http://127.0.0.1:7878/api/saves -H 'Content-Type: application/json' -d '{
  "metadata": { "modelId": "btc-lstm", "version": "1.0.0", "modelType": "lstm", "inputShape": [60, 5], "outputShape": [1] },
  "files": ["model.onnx"] }'
curl -s -T model.onnx http://127.0.0.1:7878/api/saves/$SAVE_ID/files/model.onnx
curl -s -X POST http://127.0.0.1:7878/api/saves/$SAVE_ID/publish

# Make it the active one, and read it.
curl -s http://127.0.0.1:7878/api/models/btc-lstm/deployments -H 'Content-Type: application/json' \\
  -d '{ "version": "1.0.0", "environment": "production" }'
curl -s -O http://127.0.0.1:7878/api/models/btc-lstm/versions/latest/files/model.onnx
\`\`\`

## What holds everywhere

- **Names in addresses.** A model id with a namespace is one part of an address: \`ns%2Fname\`. Where a version is read,
  \`{version}\` may be an alias or \`latest\`.
- **Access.** Without any token, the server answers to this machine alone: only as \`localhost\` or \`127.0.0.1\`, and
  no web page of another origin may change anything. With the first token, every request needs one:
  \`Authorization: Bearer <token>\`. Each scope allows what the ones before it do: \`read\`, \`write\`, \`deploy\`, \`admin\`.
  Removing a version needs \`admin\`, since it alone cannot be undone. A revoked token ends within a second.
- **Who did it.** The history names the token. Without tokens it takes \`X-Modelry-Actor\` (percent-encoded), or \`local\`.
- **Errors** are problem documents (RFC 9457, \`application/problem+json\`) with the code, the cause, what became of the
  data (\`outcome\`), whether the call may be repeated (\`retry\`) and what to do (\`steps\`). Where HTTP alone is
  concerned (an unknown address, a failure of the server itself), \`code\` is absent.
- **Requests in the log.** \`X-Request-Id\` is taken when it is sane, made otherwise, answered, logged, and named in errors.
- **Once.** Where \`Idempotency-Key\` is taken, a repeated request gets the first answer again. While the first is being
  worked on, the answer is 409 with \`Retry-After\`. Errors are not kept.
- **Pages.** \`nextCursor\` of an answer is the \`cursor\` of the next request. It is absent on the last page.
- **Limits.** JSON bodies end at 64 KiB (a list of files at 6 MiB), are UTF-8, and may not have a name twice.
- **CORS** is not granted to any origin.
`

/** The page `docs/http-api.md`. @param document - of `/openapi.json`. */
export function httpApiPage(document: unknown): string {
  const { tags, paths, components } = documentSchema.parse(document)
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  )
  const groups = tags.map(({ name, description }) => {
    const own = operations.filter(({ operation }) => operation.tags.includes(name))
    const shown = own.map(({ method, path, operation }) => operationText(method, path, operation))
    return `## ${name[0]?.toUpperCase()}${name.slice(1)}\n\n${description}\n\n${shown.join('\n')}`
  })
  const schemas = Object.entries(components.schemas)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, schema]) => `### ${name}\n\n${described(schema)}${fieldsOf(schema)}`)
  return `${[PROLOGUE, ...groups, `## Answers\n\n${schemas.join('\n')}`].join('\n').trimEnd()}\n`
}

function operationText(method: string, path: string, operation: Operation): string {
  const { summary, description, parameters, requestBody, responses } = operation
  // The parts of the path say by their names what they are.
  const told = parameters.filter((one) => one.in !== 'path' || one.description !== undefined)
  const rows = told.map(({ name, in: place, schema, required, description: more }) => [
    `\`${name}\``,
    place,
    `${typeOf(schema)}${required === true ? ', required' : ''}`,
    more ?? textOf(schema.description),
  ])
  const answers = Object.entries(responses).map(([status, { description: what, content }]) => {
    const types = Object.entries(content ?? {}).map(([type, { schema }]) =>
      type === 'application/json' ? typeOf(schema) : `${typeOf(schema)} as \`${type}\``,
    )
    const shown = status === 'default' ? 'otherwise' : status
    return `- ${shown}: ${types.join(', ') || what.replace(/\.$/, '')}`
  })
  return [
    `### ${method} ${path}`,
    '',
    `${summary}.${description === undefined ? '' : ` ${description}`}`,
    '',
    ...(rows.length === 0 ? [] : [table(['parameter', 'in', 'type', 'what it is'], rows)]),
    ...Object.entries(requestBody?.content ?? {}).map(
      ([type, { schema }]) => `Body: \`${type}\`\n\n${fieldsOf(schema)}`,
    ),
    ...answers,
    '',
  ].join('\n')
}

function fieldsOf(schema: Readonly<Record<string, unknown>>): string {
  const properties = recordOf(schema.properties)
  const required = Array.isArray(schema.required) ? schema.required : []
  const rows = Object.entries(properties).map(([name, field]) => {
    const own = recordOf(field)
    return [`\`${name}\`${required.includes(name) ? '' : '?'}`, typeOf(own), textOf(own.description)]
  })
  return rows.length === 0 ? `${typeOf(schema)}\n` : table(['field', 'type', 'what it is'], rows)
}

/** A schema in one line, as a reader of TypeScript would write it. */
function typeOf(schema: Readonly<Record<string, unknown>>): string {
  const { $ref, type, items, allOf, anyOf, oneOf, properties, additionalProperties, format } = schema
  if (typeof $ref === 'string') {
    const name = $ref.slice($ref.lastIndexOf('/') + 1)
    return `[${name}](#${name.toLowerCase()})`
  }
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => `\`${String(value)}\``).join(' or ')
  if ('const' in schema) return `\`${String(schema.const)}\``
  for (const choices of [anyOf, oneOf])
    if (Array.isArray(choices)) return choices.map((choice) => typeOf(recordOf(choice))).join(' or ')
  if (Array.isArray(allOf)) return allOf.map((part) => typeOf(recordOf(part))).join(' with ')
  if (Array.isArray(type)) return type.join(' or ')
  if (type === 'array') return `list of ${typeOf(recordOf(items))}`
  if (type === 'string' && format === 'binary') return 'bytes'
  const { items: listed } = recordOf(properties)
  if (
    listed !== undefined &&
    Object.keys(recordOf(properties)).every((name) => /^(items|nextCursor)$/.test(name))
  )
    return `\`items\`: ${typeOf(recordOf(listed))}${'nextCursor' in recordOf(properties) ? ', and `nextCursor`' : ''}`
  if (properties !== undefined) return `object (${Object.keys(recordOf(properties)).join(', ')})`
  if (typeof additionalProperties === 'object') return `object of ${typeOf(recordOf(additionalProperties))}`
  return typeof type === 'string' ? type : 'any value'
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line), ''].join('\n')
}

function described(schema: Readonly<Record<string, unknown>>): string {
  const text = textOf(schema.description)
  return text === '' ? '' : `${text}\n\n`
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  const parsed = z.record(z.string(), z.unknown()).safeParse(value)
  return parsed.success ? parsed.data : {}
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
