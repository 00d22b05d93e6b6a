import { describe, expect, it } from 'vitest'
import { equip, type FixReport } from '../errors/auto-fix.js'
import { sqliteBusy } from '../errors/causes/sqlite.js'
import { DatabaseError } from '../errors/database-error/error.js'
import { ModelNotFoundError } from '../errors/model-not-found/error.js'
import type { ModelRegistryErrorOptions } from '../errors/model-registry-error.js'
import { lockDatabase, save } from './testing/provoke.js'
import { repairShop } from './testing/repair-shop.js'
import { type Attempt, withAutoFix } from './with-auto-fix.js'

/** An operation that fails `times` times, each time with a repair that comes to `ended`. */
function failing(times: number, ended: FixReport['ended'], options: ModelRegistryErrorOptions = {}) {
  const attempts: Attempt[] = []
  const errors: DatabaseError[] = []
  const operation = async (attempt: Attempt) => {
    attempts.push(attempt)
    if (attempts.length > times) return `done at ${attempts.length}`
    const error = new DatabaseError({ operation: 'save' }, { reason: sqliteBusy, ...options })
    const report: FixReport = {
      fix: 'wait-for-database',
      ended,
      done: [],
      seen: ['It was tried.'],
      durationMs: 1,
    }
    equip(error, {
      plan: () => Promise.reject(new TypeError('nobody asks for a plan')),
      run: async () => report,
    })
    errors.push(error)
    throw error
  }
  return { operation, attempts, errors }
}

const thrownBy = (result: Promise<unknown>): Promise<unknown> =>
  result.then(
    (value) => Promise.reject(new TypeError(`it was to fail, and gave ${String(value)}`)),
    (error: unknown) => error,
  )

describe('withAutoFix', () => {
  it('repairs a locked database for real, and saves', async () => {
    const shop = await repairShop()
    const unlock = lockDatabase(shop)
    shop.meanwhile(unlock)
    const fixes: string[] = []
    const record = await withAutoFix(() => save(shop), {
      onFix: (report, error, { number }) =>
        fixes.push(`${number} ${error.code} ${report.fix} ${report.ended}`),
    })
    expect(record.version).toBe('1.0.0')
    expect(fixes).toEqual(['1 DATABASE_ERROR wait-for-database fixed'])
  })

  it('calls once what succeeds at once', async () => {
    const { operation, attempts } = failing(0, 'fixed')
    expect(await withAutoFix(operation)).toBe('done at 1')
    expect(attempts).toEqual([{ number: 1 }])
  })

  it('repairs and calls again as often as it may, and then throws the last error', async () => {
    expect(await withAutoFix(failing(3, 'fixed').operation)).toBe('done at 4')
    const { operation, attempts, errors } = failing(4, 'fixed')
    expect(await thrownBy(withAutoFix(operation))).toBe(errors[3])
    expect(attempts).toHaveLength(4)
    const once = failing(1, 'fixed')
    expect(await thrownBy(withAutoFix(once.operation, { maxRetries: 0 }))).toBe(once.errors[0])
  })

  it('gives up when the repair does not help, with a guide that says what was tried', async () => {
    const { operation, attempts, errors } = failing(1, 'not-fixed')
    const reports: FixReport[] = []
    expect(await thrownBy(withAutoFix(operation, { onFix: (report) => reports.push(report) }))).toBe(
      errors[0],
    )
    expect(attempts).toHaveLength(1)
    expect(reports).toEqual([errors[0]?.lastFix])
    expect(errors[0]?.getTroubleshootingGuide()).toContain(
      'Tried: wait-for-database, not-fixed\n  - It was tried.',
    )
  })

  it('never calls again when it is not known whether the first call took effect', async () => {
    const { operation, attempts, errors } = failing(1, 'fixed', { outcome: 'unknown' })
    expect(await thrownBy(withAutoFix(operation))).toBe(errors[0])
    expect(attempts).toHaveLength(1)
    expect(errors[0]?.lastFix).toBeUndefined()
  })

  it('does so with an idempotency key, which each call gets', async () => {
    const { operation, attempts } = failing(1, 'fixed', { outcome: 'unknown' })
    expect(await withAutoFix(operation, { idempotencyKey: 'k1' })).toBe('done at 2')
    expect(attempts).toEqual([
      { number: 1, idempotencyKey: 'k1' },
      { number: 2, idempotencyKey: 'k1' },
    ])
  })

  it('never calls again what took effect', async () => {
    const { operation, errors } = failing(1, 'fixed', { outcome: 'applied' })
    expect(await thrownBy(withAutoFix(operation, { idempotencyKey: 'k1' }))).toBe(errors[0])
  })

  it('neither repairs nor calls again once its signal has fired', async () => {
    const caller = new AbortController()
    const { operation, attempts, errors } = failing(1, 'fixed')
    const result = withAutoFix(operation, { signal: caller.signal, onFix: () => caller.abort() })
    expect(await thrownBy(result)).toBe(errors[0])
    expect(attempts).toEqual([{ number: 1, signal: caller.signal }])
    const before = failing(1, 'fixed')
    expect(await thrownBy(withAutoFix(before.operation, { signal: caller.signal }))).toBe(before.errors[0])
    expect(before.errors[0]?.lastFix).toBeUndefined()
  })

  it('throws at once what is no error of the registry, and what has no repair', async () => {
    const foreign = new TypeError('a mistake')
    expect(await thrownBy(withAutoFix(() => Promise.reject(foreign)))).toBe(foreign)
    const missing = new ModelNotFoundError('m')
    const reports: FixReport[] = []
    const result = withAutoFix(() => Promise.reject(missing), { onFix: (report) => reports.push(report) })
    expect(await thrownBy(result)).toBe(missing)
    expect(reports).toMatchObject([{ ended: 'no-fix' }])
  })

  it('throws a structured clone as it is, which has no methods to repair it with', async () => {
    const clone: unknown = structuredClone(new ModelNotFoundError('m'))
    expect(await thrownBy(withAutoFix(() => Promise.reject(clone)))).toBe(clone)
  })

  it.each([-1, 1.5, Number.NaN])('takes no %d as the number of retries', async (maxRetries) => {
    await expect(withAutoFix(async () => 1, { maxRetries })).rejects.toThrow(RangeError)
  })
})
