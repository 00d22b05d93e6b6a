import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { AutoFixOptions } from '../errors/auto-fix.js'
import { sqliteBusy } from '../errors/causes/sqlite.js'
import { DatabaseError } from '../errors/database-error/error.js'
import type { Fix } from '../errors/fix.js'
import { autoFixers } from './auto-fixers.js'
import { noSetup, repairShop } from './testing/repair-shop.js'

const error = new DatabaseError({ operation: 'save' }, { reason: sqliteBusy })

async function fixerOf(fix: Partial<Fix>, again?: (signal: AbortSignal) => Promise<unknown>) {
  const { artifacts, metadata } = await repairShop()
  const whole: Fix = {
    id: 'grant-access',
    applicability: 'safe',
    does: 'grant the access that is missing',
    reason: 'It grants access.',
    effects: [],
    plan: () => [],
    run: async () => true,
    ...fix,
  }
  const fixers = autoFixers({
    artifacts,
    metadata,
    onDatabase: (work) => work(metadata),
    setup: noSetup,
    newId: randomUUID,
    pause: (ms, signal) => wait(ms, undefined, { signal }),
    rules: [{ code: 'DATABASE_ERROR', causes: 'all', fix: whole }],
  })
  const fixer = fixers(error, { operation: 'getModel', ...(again === undefined ? {} : { again }) })
  return {
    plan: () => fixer.plan(),
    run: (options: AutoFixOptions = {}) => fixer.run(options),
  }
}

describe('a repair that needs consent', () => {
  it('is planned, and not run before it is allowed by its name', async () => {
    let runs = 0
    const { plan, run } = await fixerOf({
      applicability: 'needs-consent',
      run: async () => {
        runs += 1
        return true
      },
    })
    expect(await plan()).toMatchObject({ fix: 'grant-access', applicability: 'needs-consent' })
    for (const options of [{}, { allow: [] }, { allow: ['create-bucket'] }])
      expect(await run(options)).toMatchObject({
        ended: 'needs-consent',
        seen: ['It grants access. Allow it by its name: grant-access.'],
      })
    expect(runs).toBe(0)
    expect(await run({ allow: ['grant-access'] })).toMatchObject({ ended: 'fixed' })
    expect(runs).toBe(1)
  })
})

describe('a repair', () => {
  it('that throws is reported, and nothing is thrown', async () => {
    const { run } = await fixerOf({
      run: async () => {
        throw new TypeError('password=hunter2 was refused')
      },
    })
    expect(await run()).toMatchObject({
      ended: 'failed',
      seen: ['The repair met an error: TypeError: password=*** was refused.'],
    })
  })

  it('that never ends is ended at the time limit, and what it says afterwards no longer counts', async () => {
    const late = Promise.withResolvers<void>()
    const { run } = await fixerOf({
      async run(_, { saw }) {
        await late.promise
        saw('Too late.')
        return true
      },
    })
    const report = await run({ timeoutMs: 5 })
    late.resolve()
    await late.promise
    expect(report).toMatchObject({ ended: 'timed-out', seen: [] })
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 1e12])(
    'takes %d as a time limit that is far off',
    async (timeoutMs) => {
      const { run } = await fixerOf({})
      expect(await run({ timeoutMs })).toMatchObject({ ended: 'fixed' })
    },
  )

  it('shows no secret in its plan and its report', async () => {
    const { plan, run } = await fixerOf({
      plan: () => [
        {
          text: 'Use api_key=abcdef123456.',
          changes: 'Nothing.',
          needs: 'Nothing.',
          undo: 'nothing-to-undo',
        },
      ],
      async run(_, { did }) {
        did('Used postgres://admin:hunter2@db.')
        return true
      },
    })
    expect(JSON.stringify([await plan(), await run()])).not.toMatch(/abcdef123456|hunter2/)
  })

  it('has a plan even while the stores do not answer', async () => {
    const { plan } = await fixerOf({
      plan: async () => {
        throw error
      },
    })
    expect((await plan()).steps).toEqual([
      {
        text: 'Grant the access that is missing.',
        changes: expect.any(String),
        needs: expect.stringContaining('which they did not when the plan was made'),
        undo: expect.any(String),
      },
    ])
  })

  it('counts only when the call, where it can be made again, succeeds', async () => {
    const answers = [Promise.reject(new TypeError('no')), Promise.resolve('yes')]
    for (const answer of answers) answer.catch(() => {})
    const { run } = await fixerOf({}, () => answers.shift() ?? Promise.reject(new TypeError('none left')))
    expect(await run()).toMatchObject({
      ended: 'not-fixed',
      seen: ['getModel was called again, and fails: TypeError: no.'],
    })
    expect(await run()).toMatchObject({ ended: 'fixed', seen: ['getModel was called again, and succeeds.'] })
  })
})
