import { z } from 'zod'

const calls = z.number().int()

/** What the circuit breaker knows of one bucket at one endpoint. */
export const breakerStatsSchema = z
  .object({
    /** The address of the store, or `aws`. */
    endpoint: z.string(),
    bucket: z.string(),
    /** `open` refuses every call; `half-open` lets one through, to see whether the store is back. */
    state: z.enum(['closed', 'open', 'half-open']),
    /** When it came to be in that state, or was reset. */
    since: z.string(),
    /** When one call may try; there while it is open. */
    nextProbeAt: z.string().exactOptional(),
    retryInMs: z.number().exactOptional(),
    /** The share of the calls within the window that failed, 0 to 1. */
    failureRate: z.number(),
    window: z.object({ succeeded: calls, failed: calls }),
    /** Since the process began, or the last reset. */
    total: z.object({ succeeded: calls, failed: calls, refused: calls, opened: calls }),
    /** Newest first. */
    lastFailures: z.array(
      z.object({
        at: z.string(),
        operation: z.string(),
        /** The id of the cause. */
        cause: z.string(),
        message: z.string(),
      }),
    ),
    rules: z.object({
      threshold: z.number(),
      minimumCalls: calls,
      windowMs: z.number(),
      cooldownMs: z.number(),
    }),
  })
  .meta({ id: 'BreakerStats' })
export type BreakerStats = z.infer<typeof breakerStatsSchema>
export type BreakerState = BreakerStats['state']
