import { catalog } from '../catalog.js'
import { unknownCause } from '../causes/unknown.js'
import { type ErrorCode, errorCodes } from '../entry.js'
import { runbookPath } from './catalog-json.js'
import type { JsonSchema } from './catalog-schema.js'

/** The name of a code's schema: `S3UploadErrorProblem`. */
function problemSchemaName(code: ErrorCode): string {
  return `${catalog[code].className}Problem`
}

/**
 * The problem documents of the 13 codes as schemas of an OpenAPI 3.1 document that has one named `Problem`: what is the
 * same for every failure of a code is a constant, so that a client that is generated from it can switch over `code`.
 */
export function problemSchemas(): Readonly<Record<string, JsonSchema>> {
  const names = errorCodes.map((code) => [code, `#/components/schemas/${problemSchemaName(code)}`] as const)
  return {
    ...Object.fromEntries(errorCodes.map((code) => [problemSchemaName(code), problemOf(code)])),
    RegistryProblem: {
      description: 'A failure of the registry: one of the 13 codes of the catalog.',
      oneOf: names.map(([, $ref]) => ({ $ref })),
      discriminator: { propertyName: 'code', mapping: Object.fromEntries(names) },
    },
  }
}

function problemOf(code: ErrorCode): JsonSchema {
  const entry = catalog[code]
  const causes = [...entry.causes, unknownCause]
  const statuses = new Set(causes.map((cause) => cause.status ?? entry.status))
  return {
    description: entry.description,
    allOf: [
      { $ref: '#/components/schemas/Problem' },
      {
        type: 'object',
        required: [
          'code',
          'cause',
          'category',
          'severity',
          'outcome',
          'retry',
          'steps',
          'runbook',
          'context',
        ],
        properties: {
          code: { const: code },
          title: { const: entry.title },
          status: { enum: [...statuses].toSorted((a, b) => a - b) },
          category: { const: entry.category },
          severity: { const: entry.severity },
          runbook: { const: runbookPath(entry) },
          cause: { enum: causes.map(({ id }) => id) },
        },
      },
    ],
  }
}
