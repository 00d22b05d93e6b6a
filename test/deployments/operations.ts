import { z } from 'zod'
import { deploymentSchema } from '../../src/domain/deployment.js'

const asked = z.object({
  step: z.literal('asked'),
  /** Names this call alone: it is who the deployment says that made it. */
  actor: z.string(),
  is: z.enum(['deploy', 'rollback', 'save']),
  environment: z.string().optional(),
  version: z.string().optional(),
  expectedActive: z.string().nullable().optional(),
  at: z.number(),
})
const done = z.object({ step: z.literal('done'), actor: z.string(), at: z.number(), answer: z.unknown() })
const failed = z.object({
  step: z.literal('failed'),
  actor: z.string(),
  at: z.number(),
  code: z.string(),
  cause: z.string(),
  outcome: z.enum(['not-applied', 'applied', 'unknown']),
  actual: z.string().nullable().optional(),
})
const line = z.discriminatedUnion('step', [asked, done, failed])

/** What became of a call, as far as its caller knows. `lost`: the caller died before it was told. */
type Answer =
  | { readonly is: 'deployment'; readonly at: number; readonly deployment: z.infer<typeof deploymentSchema> }
  | { readonly is: 'record'; readonly at: number }
  | ({ readonly is: 'failed' } & Omit<z.infer<typeof failed>, 'step' | 'actor'>)
  | { readonly is: 'lost' }

/** One call of one process. Times are milliseconds since 1970. */
export interface Operation extends Omit<z.infer<typeof asked>, 'step'> {
  readonly answer: Answer
}

/** The calls of one process from its log. The last line of one that was killed may be cut. */
export function readOperations(log: string): Operation[] {
  const lines = log
    .split('\n')
    .slice(0, -1)
    .map((text) => line.parse(JSON.parse(text)))
  return lines.flatMap((call, index) => {
    if (call.step !== 'asked') return []
    const { step: _, ...operation } = call
    const next = lines[index + 1]
    return [{ ...operation, answer: answerOf(operation, next?.actor === call.actor ? next : undefined) }]
  })
}

function answerOf({ is }: Pick<Operation, 'is'>, end: z.infer<typeof line> | undefined): Answer {
  if (end === undefined || end.step === 'asked') return { is: 'lost' }
  if (end.step === 'failed') {
    const { step: _, actor: __, ...rest } = end
    return { is: 'failed', ...rest }
  }
  if (is === 'save') return { is: 'record', at: end.at }
  return { is: 'deployment', at: end.at, deployment: deploymentSchema.parse(end.answer) }
}
