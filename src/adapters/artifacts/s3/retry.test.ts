import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { DEFAULT_RETRY, RequestFailure, RetryBudget, type RetryOptions, withRetries } from './retry.js'

const answer = (status: number, code: string, headers: Record<string, string> = {}) =>
  Object.assign(new Error(code), {
    name: code,
    $metadata: { httpStatusCode: status },
    $response: { headers },
  })

/** Fails with each of `errors` in turn, then succeeds; waits are noted and take no time. */
function attempts(errors: readonly Error[], options: Partial<RetryOptions> = {}) {
  const waits: number[] = []
  const left = [...errors]
  let made = 0
  const result = withRetries(
    async () => {
      made += 1
      const error = left.shift()
      if (error !== undefined) throw error
      return 'done'
    },
    {
      policy: DEFAULT_RETRY,
      budget: new RetryBudget(50),
      random: () => 0.5,
      sleep: async (ms) => {
        waits.push(ms)
        vi.advanceTimersByTime(ms)
      },
      ...options,
    },
  )
  return { result, waits, made: () => made }
}

async function failure(result: Promise<unknown>): Promise<RequestFailure> {
  const error = await result.catch((caught: unknown) => caught)
  if (!(error instanceof RequestFailure)) throw error
  return error
}

describe('withRetries', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('answers at once what succeeds at once', async () => {
    const { result, waits } = attempts([])
    expect(await result).toBe('done')
    expect(waits).toEqual([])
  })

  it('waits longer each time, up to a half of a limit that doubles where chance says a half', async () => {
    const { result, waits } = attempts(Array.from({ length: 4 }, () => answer(500, 'InternalError')))
    expect(await result).toBe('done')
    expect(waits).toEqual([50, 100, 200, 400])
  })

  it('waits longer where the store asks for fewer requests', async () => {
    const { result, waits } = attempts([answer(503, 'SlowDown')])
    await result
    expect(waits).toEqual([500])
  })

  it('waits as long as the store asks', async () => {
    const { result, waits } = attempts([answer(503, 'SlowDown', { 'retry-after': '7' })])
    await result
    expect(waits).toEqual([7_000])
  })

  it('does not wait past its deadline, and says what the store asked for', async () => {
    const { result, waits } = attempts([answer(503, 'SlowDown', { 'retry-after': '61' })])
    expect(await failure(result)).toMatchObject({ attempts: 1, retryInMs: 61_000, maybeApplied: false })
    expect(waits).toEqual([])
  })

  it('gives up after so many attempts, with what the last one failed with', async () => {
    const errors = Array.from({ length: 9 }, (_, i) => answer(500, `Error${i}`))
    const { result, made } = attempts(errors)
    const failed = await failure(result)
    expect(made()).toBe(5)
    expect(failed).toMatchObject({ attempts: 5, maybeApplied: true })
    expect(failed.cause).toBe(errors[4])
  })

  it('does not repeat what would fail again', async () => {
    const { result, made } = attempts([answer(403, 'AccessDenied')])
    expect(await failure(result)).toMatchObject({ attempts: 1, maybeApplied: false })
    expect(made()).toBe(1)
  })

  it('remembers that an earlier attempt may have been carried out', async () => {
    const { result } = attempts([
      Object.assign(new Error('reset'), { code: 'ECONNRESET' }),
      answer(412, 'PreconditionFailed'),
    ])
    expect(await failure(result)).toMatchObject({ attempts: 2, maybeApplied: true })
  })

  it('spends no more than the budget of all requests, which successes fill', async () => {
    const budget = new RetryBudget(2)
    const storm = Array.from({ length: 9 }, () => answer(500, 'InternalError'))
    const { result, made } = attempts(storm, { budget })
    expect(await failure(result)).toMatchObject({ attempts: 3 })
    expect(made()).toBe(3)
    expect((await failure(attempts(storm, { budget }).result)).attempts).toBe(1)
    for (let i = 0; i < 10; i++) await attempts([], { budget }).result
    expect(await attempts([answer(500, 'InternalError')], { budget }).result).toBe('done')
  })

  it('ends an attempt that takes longer than the deadline', async () => {
    const hanging = withRetries(
      ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new Error('aborted')))
        }),
      { policy: DEFAULT_RETRY, budget: new RetryBudget(50) },
    )
    const failed = failure(hanging)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(await failed).toMatchObject({ attempts: 1, maybeApplied: true, cause: { code: 'ETIMEDOUT' } })
  })

  it('ends with the reason of the signal, and does not begin when that has fired', async () => {
    const reason = new Error('enough')
    const { result, made } = attempts([], { signal: AbortSignal.abort(reason) })
    await expect(result).rejects.toBe(reason)
    expect(made()).toBe(0)
  })

  it('says that an attempt in the middle of which the signal fired may have been carried out', async () => {
    const control = new AbortController()
    const ended = withRetries(
      async () => {
        control.abort()
        throw Object.assign(new Error('Request aborted'), { name: 'AbortError' })
      },
      { policy: DEFAULT_RETRY, budget: new RetryBudget(50), signal: control.signal },
    )
    expect(await failure(ended)).toMatchObject({ maybeApplied: true })
  })
})
