import type { FixReport } from '../errors/auto-fix.js'
import { isModelRegistryError, type ModelRegistryError } from '../errors/model-registry-error.js'

/** What one call of the operation is told. */
export interface Attempt {
  /** 1 for the first call. */
  readonly number: number
  readonly signal?: AbortSignal
  /** The same for every attempt, for an operation that passes it on. */
  readonly idempotencyKey?: string
}

export interface WithAutoFixOptions {
  /** How often the operation is called again at most, after the first time; 3 by default. */
  readonly maxRetries?: number | undefined
  /** Ends repairs, and keeps the operation from being called again. */
  readonly signal?: AbortSignal | undefined
  /** How long each repair may take, in milliseconds. */
  readonly timeoutMs?: number | undefined
  /** Repairs that need consent and have it. */
  readonly allow?: readonly string[] | undefined
  /**
   * Says that the operation passes this key on, so that the other side does it once however often it is asked. Without
   * one, a call whose outcome is unknown is never made again.
   */
  readonly idempotencyKey?: string | undefined
  /** Called after each repair, whatever it came to. */
  readonly onFix?: ((report: FixReport, error: ModelRegistryError, attempt: Attempt) => void) | undefined
}

/**
 * Calls `operation`; where it fails, repairs what can be repaired without asking, and calls it again once it was seen
 * that it can succeed.
 *
 * When there is nothing to repair, a repair does not help, or the tries are used up, the error is thrown as it came:
 * its `getTroubleshootingGuide()` says what to do, and what was tried. What is no error of the registry is thrown at
 * once.
 *
 * @example
 * const saved = await withAutoFix(() => registry.saveModel(model, metadata), {
 *   maxRetries: 2,
 *   onFix: (report, error) => console.log(error.code, report.ended, report.seen),
 * })
 */
export async function withAutoFix<T>(
  operation: (attempt: Attempt) => Promise<T>,
  options: WithAutoFixOptions = {},
): Promise<T> {
  const { maxRetries = 3, signal, timeoutMs, allow, idempotencyKey, onFix } = options
  if (!Number.isInteger(maxRetries) || maxRetries < 0)
    throw new RangeError(`maxRetries is a whole number from 0, and not ${maxRetries}`)
  for (let number = 1; ; number += 1) {
    const attempt: Attempt = {
      number,
      ...(signal === undefined ? {} : { signal }),
      ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    }
    try {
      return await operation(attempt)
    } catch (error) {
      if (!isModelRegistryError(error) || number > maxRetries || signal?.aborted) throw error
      if (error.outcome !== 'not-applied' && !(error.outcome === 'unknown' && idempotencyKey !== undefined))
        throw error
      const fixed = await error.attemptAutoFix({ signal, timeoutMs, allow })
      if (error.lastFix !== undefined) onFix?.(error.lastFix, error, attempt)
      if (!fixed || signal?.aborted) throw error
    }
  }
}
