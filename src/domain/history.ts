import { z } from 'zod'

const historyActions = [
  'saved',
  'deployed',
  'rolled-back',
  'archived',
  'restored',
  'deleted',
  'metadata-updated',
  'alias-set',
  'alias-removed',
  'approved',
  'approval-revoked',
  'synced',
  'breaker-reset',
] as const
export type HistoryAction = (typeof historyActions)[number]

/** Who did what, when. Entries are written with the change itself and never altered. */
export const historyEntrySchema = z
  .object({
    /** Grows with each entry. */
    sequence: z.number().int(),
    at: z.string(),
    actor: z.string(),
    action: z.enum(historyActions),
    /** `*` for what concerns no single model. */
    modelId: z.string(),
    version: z.string().optional(),
    environment: z.string().optional(),
    /** What else belongs to the action: the alias, the former version, the changed fields. */
    details: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'HistoryEntry' })
export type HistoryEntry = z.infer<typeof historyEntrySchema>
