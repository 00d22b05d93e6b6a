import { catalog } from '../catalog.js'
import { errorCodes } from '../entry.js'

export type JsonSchema = { readonly [keyword: string]: unknown }

const text: JsonSchema = { type: 'string', minLength: 1 }
const texts: JsonSchema = { type: 'array', items: text }
const choice = (...values: readonly string[]): JsonSchema => ({ type: 'string', enum: values })
const list = (items: JsonSchema): JsonSchema => ({ type: 'array', items })

/** An object with these properties and no others; those in `optional` may be absent. */
function object(
  properties: Readonly<Record<string, JsonSchema>>,
  optional: readonly string[] = [],
): JsonSchema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name))
  return { type: 'object', properties, required, additionalProperties: false }
}

const retrySchema = object(
  {
    advice: choice('never', 'safe', 'after-fix'),
    inMs: { type: 'integer', minimum: 0, description: 'Milliseconds.' },
  },
  ['inMs'],
)
const outcomeSchema = choice('not-applied', 'applied', 'unknown')
const stepSchema = object(
  { text, run: { ...text, description: 'A command to paste; what is in capitals is to be filled in.' } },
  ['run'],
)
const statusSchema: JsonSchema = { type: 'integer', minimum: 400, maximum: 599 }
const idSchema: JsonSchema = { type: 'string', pattern: '^[a-z0-9]+(-[a-z0-9]+)*$' }

const entrySchema = object(
  {
    code: choice(...errorCodes),
    className: text,
    title: text,
    description: text,
    category: choice(...new Set(errorCodes.map((code) => catalog[code].category))),
    severity: choice('Critical', 'High', 'Medium', 'Low'),
    since: { type: 'string', pattern: '^\\d+\\.\\d+\\.\\d+$' },
    status: statusSchema,
    retry: retrySchema,
    happened: text,
    outcomes: object({ 'not-applied': text, applied: text, unknown: text }),
    fixable: { type: 'boolean' },
    runbook: { type: 'string', pattern: '^docs/runbooks/[a-z0-9-]+\\.md$' },
    troubleshooting: list(stepSchema),
    prevention: texts,
    healsByItself: text,
    adminMayForce: text,
    example: text,
    relatedDocs: list(object({ title: text, url: text })),
    causes: list(idSchema),
  },
  ['healsByItself', 'adminMayForce'],
)

const causeSchema = object(
  {
    id: idSchema,
    title: text,
    because: text,
    errors: list(choice(...errorCodes)),
    retry: retrySchema,
    outcome: outcomeSchema,
    status: statusSchema,
    foreignCodes: list(object({ of: text, codes: texts })),
    fix: object({ id: idSchema, applicability: choice('safe', 'needs-consent'), does: text }),
    steps: list(stepSchema),
    source: text,
  },
  ['status', 'fix'],
)

/** What `catalog.json` follows: JSON Schema 2020-12. */
export function catalogSchema(): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'The catalog of errors of modelry',
    ...object({
      $schema: text,
      format: {
        const: 1,
        description: 'Goes up when the form changes so that a reader of the old one fails.',
      },
      errors: list(entrySchema),
      causes: list(causeSchema),
    }),
  }
}
