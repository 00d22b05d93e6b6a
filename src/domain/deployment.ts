import { z } from 'zod'

/** The record that a version became active for a model in an environment. */
export const deploymentSchema = z
  .object({
    id: z.string(),
    modelId: z.string().brand<'ModelId'>(),
    version: z.string().brand<'Version'>(),
    environment: z.string().brand<'Environment'>(),
    status: z.enum(['active', 'superseded']),
    /** Grows with each deployment of the model in the environment: a token that fences off late writers. */
    fence: z.number().int(),
    /** The deployment that was active before. */
    previousId: z.string().optional(),
    previousVersion: z.string().brand<'Version'>().optional(),
    /** The deployment that this one undoes, when it is a rollback. */
    rollbackOf: z.string().optional(),
    /** The earlier deployment that a rollback brings back. */
    restores: z.string().optional(),
    deployedAt: z.string(),
    deployedBy: z.string(),
    /** Who had approved it by then, where the environment asks for approvals. */
    approvedBy: z.array(z.string()).optional(),
    supersededAt: z.string().optional(),
  })
  .meta({ id: 'Deployment' })
export type Deployment = z.infer<typeof deploymentSchema>
