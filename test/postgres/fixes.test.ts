import { describe, expect, it } from 'vitest'
import { errorOf } from '../../src/recovery/testing/fix-clauses.js'
import { postgresFixCases } from '../support/postgres/fix-cases.js'

describe('what is repaired on Postgres', () => {
  it.for(postgresFixCases)('$code/$cause by $fix, after $how', async (one) => {
    const { code, cause, fix, needsConsent, provoke } = one
    const { call, meanwhile } = await provoke()
    const error = await errorOf(call)
    expect({ code: error.code, cause: error.reason.id }).toEqual({ code, cause })
    const plan = await error.planAutoFix()
    expect(plan).toMatchObject({ fix, applicability: needsConsent ? 'needs-consent' : 'safe' })
    expect(plan.steps.length).toBeGreaterThan(0)
    expect(await error.attemptAutoFix({ timeoutMs: 0 })).toBe(false)
    if (needsConsent) {
      expect(await error.attemptAutoFix()).toBe(false)
      expect(error.lastFix).toMatchObject({ ended: 'needs-consent' })
    }
    // Nothing that was only planned or not allowed has been done.
    await expect(call()).rejects.toMatchObject({ code })
    const limits = { timeoutMs: 30_000, ...(needsConsent ? { allow: [fix] } : {}) }
    let happened: unknown
    // The repair waits for what happens outside, and says so once before it happens.
    const onReport = () => {
      happened ??= meanwhile?.()
    }
    expect(await error.attemptAutoFix({ ...limits, onReport }), JSON.stringify(error.lastFix)).toBe(true)
    await happened
    expect(error.lastFix).toMatchObject({ fix, ended: 'fixed' })
    expect(error.lastFix?.seen.length).toBeGreaterThan(meanwhile === undefined ? 0 : 1)
    // Done twice it comes to the same.
    expect(await error.attemptAutoFix(limits)).toBe(true)
    expect(error.lastFix).toMatchObject({ done: [] })
    await call()
  })
})
