import { describe, expect, it } from 'vitest'
import type { FixEffect } from '../../errors/auto-fix.js'
import { isModelRegistryError, type ModelRegistryError } from '../../errors/model-registry-error.js'
import { type RepairShop, repairShop } from './repair-shop.js'

/** A failure that has been provoked for real. */
interface Provoked {
  /** The call that fails. */
  readonly call: () => Promise<unknown>
  /** Makes go away, from outside, what keeps the repair from succeeding. */
  readonly settle: () => Promise<void> | void
  /** Whether the repair waits for that to happen; where it does not, it has to have happened before. */
  readonly waits?: 'no'
}

export interface FixUnderTest {
  readonly code: string
  readonly cause: string
  /** The id of the repair. */
  readonly fix: string
  readonly effects: readonly FixEffect[]
  /** @param skip - ends the test with the reason why this machine cannot run it. */
  readonly open?: (skip: (reason: string) => void) => Promise<RepairShop>
  readonly provoke: (shop: RepairShop) => Promise<Provoked>
}

/** What holds for every repair, whatever it mends. */
export function fixClauses(
  failure: string,
  { code, cause, fix, effects, open, provoke }: FixUnderTest,
): void {
  const provoked = async (skip: (reason: string) => void) => {
    const shop = open === undefined ? await repairShop() : await open(skip)
    const { call, settle, waits } = await provoke(shop)
    return { shop, call, settle, waits, error: await errorOf(call) }
  }

  describe(`the repair ${fix} of ${failure}`, () => {
    it('can be planned, which changes nothing', async ({ skip }) => {
      const { shop, error } = await provoked(skip)
      expect({ code: error.code, cause: error.reason.id }).toEqual({ code, cause })
      const before = await shop.snapshot()
      const plan = await error.planAutoFix()
      expect(plan).toMatchObject({ fix, applicability: 'safe', idempotent: true })
      expect([...plan.effects].sort()).toEqual([...effects].sort())
      expect(plan.steps.length).toBeGreaterThan(0)
      for (const sentence of [
        plan.reason,
        ...plan.steps.flatMap((one) => [one.text, one.changes, one.needs]),
      ])
        expect(sentence).toMatch(/^\S.*\.$/)
      expect(shop.effects).toEqual([])
      expect(await shop.snapshot()).toEqual(before)
      expect(error.lastFix).toBeUndefined()
    })

    it('lets the call that failed succeed, once what is outside allows it', async ({ skip }) => {
      const { shop, call, settle, waits, error } = await provoked(skip)
      if (waits === 'no') await settle()
      else shop.meanwhile(settle)
      expect(await error.attemptAutoFix(), JSON.stringify(error.lastFix)).toBe(true)
      expect(error.lastFix).toMatchObject({ fix, ended: 'fixed' })
      expect(error.lastFix?.seen.length).toBeGreaterThan(0)
      await call()
    })

    it('stays within the effects that it declares', async ({ skip }) => {
      const { shop, settle, error } = await provoked(skip)
      await settle()
      const before = await shop.snapshot()
      const { effects: declared } = await error.planAutoFix()
      await error.attemptAutoFix()
      expect(declared).toEqual(expect.arrayContaining([...new Set(shop.effects)]))
      const after = await shop.snapshot()
      expect(after.recorded).toEqual(before.recorded)
      expect(after['probe-row']).toEqual(before['probe-row'])
      if (!effects.includes('deployment-lock'))
        expect(after['deployment-lock']).toEqual(before['deployment-lock'])
      expect(after.reservation).toEqual(before.reservation)
    })

    it('comes to the same when it is done twice', async ({ skip }) => {
      const { shop, call, settle, error } = await provoked(skip)
      await settle()
      expect(await error.attemptAutoFix()).toBe(true)
      const once = await shop.snapshot()
      expect(await error.attemptAutoFix()).toBe(true)
      expect(await shop.snapshot()).toEqual(once)
      await call()
    })

    it('comes to the same when it is cut off anywhere and run again', async ({ skip }) => {
      const whole = await provoked(skip)
      await whole.settle()
      await whole.error.attemptAutoFix()
      const goal = await whole.shop.snapshot()
      const length = whole.shop.calls.length
      expect(length).toBeGreaterThan(0)
      for (let nth = 1; nth <= length; nth++)
        for (const when of ['before', 'after'] as const) {
          const { shop, call, settle, error } = await provoked(skip)
          await settle()
          shop.dieAt(nth, when)
          expect(await error.attemptAutoFix(), `cut off ${when} call ${nth}`).toBe(false)
          shop.revive()
          // A row that was only a probe is forgotten after a second.
          shop.advance(1_000)
          expect(await error.attemptAutoFix(), `run again after ${when} call ${nth}`).toBe(true)
          expect(await shop.snapshot()).toEqual(goal)
          await call()
        }
    })

    it('does nothing for a caller who has no more use for it', async ({ skip }) => {
      const { shop, error } = await provoked(skip)
      const before = await shop.snapshot()
      expect(await error.attemptAutoFix({ signal: AbortSignal.abort() })).toBe(false)
      expect(error.lastFix).toMatchObject({ fix, ended: 'aborted', done: [] })
      expect(shop.calls).toEqual([])
      expect(await shop.snapshot()).toEqual(before)
    })

    it('has no time, and says so', async ({ skip }) => {
      const { shop, error } = await provoked(skip)
      const before = await shop.snapshot()
      expect(await error.attemptAutoFix({ timeoutMs: 0 })).toBe(false)
      expect(error.lastFix).toMatchObject({ fix, ended: 'timed-out', done: [] })
      expect(shop.calls).toEqual([])
      expect(await shop.snapshot()).toEqual(before)
    })
  })
}

/** The error of a call that must fail with one of the catalog. */
export async function errorOf(call: () => Promise<unknown>): Promise<ModelRegistryError> {
  try {
    await call()
  } catch (error) {
    if (isModelRegistryError(error)) return error
    throw error
  }
  throw new TypeError('the call was to fail, and succeeded')
}
