import type { FastifySchemaCompiler } from 'fastify'
import { z } from 'zod'
import { problemsOf } from '../domain/problems.js'
import { ModelValidationError } from '../errors/model-validation-failed/error.js'

/** Parses what a route takes by its zod schema. @see ModelValidationError */
export const validatorCompiler: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart }) => {
  const keys = schema instanceof z.ZodObject ? Object.keys(schema.shape) : []
  return (given: unknown) => {
    // Fastify hands over null where there is no body.
    const data = httpPart === 'body' && given === null ? undefined : given
    const parsed = schema.safeParse(data, { reportInput: true })
    if (parsed.success) return { value: parsed.data }
    const validationErrors = problemsOf(parsed.error, data, keys)
    return { error: new ModelValidationError({ operation: 'The request', validationErrors }) }
  }
}
