import { z } from 'zod'
import { errorCodes } from '../errors/entry.js'

const step = z.object({ text: z.string(), run: z.string().optional() })

/**
 * An error as RFC 9457 wants it. The first five members are of the RFC; `code` and what follows are there for every
 * failure of the registry, and absent where only HTTP is concerned (an unknown address, a failure of the server itself).
 */
export const problemSchema = z
  .looseObject({
    type: z.string().meta({ description: "The catalog's page for the code, or about:blank." }),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    instance: z.string().meta({ description: 'The path that was asked for.' }),
    requestId: z.string().meta({ description: "Finds the request in the server's log." }),
    code: z.enum(errorCodes).optional(),
    cause: z
      .string()
      .optional()
      .meta({ description: 'Why it failed: the id of a cause, such as disk-full.' }),
    category: z.string().optional(),
    severity: z.enum(['Critical', 'High', 'Medium', 'Low']).optional(),
    outcome: z
      .enum(['not-applied', 'applied', 'unknown'])
      .optional()
      .meta({ description: "What became of the user's data." }),
    leftovers: z.array(z.object({ kind: z.string(), at: z.string() })).optional(),
    retry: z
      .object({ advice: z.enum(['never', 'safe', 'after-fix']), inMs: z.number().optional() })
      .optional(),
    steps: z.array(step).optional().meta({ description: 'What to do, in order.' }),
    runbook: z.string().optional(),
    context: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'Problem' })
