import { expect, it } from 'vitest'
import { failureOf } from '../../ports/testing/metadata/metadata-subject.js'
import { withPatience } from './patience.js'

const passing = new Error('passes')
const lasting = new Error('lasts')
const passes = (error: unknown) => error === passing

it('tries again while the failure is one that passes', async () => {
  let attempts = 0
  const answer = await withPatience(
    () => {
      attempts += 1
      if (attempts < 4) throw passing
      return attempts
    },
    passes,
    60_000,
  )
  expect(answer).toBe(4)
})

it('fails at once with any other failure', async () => {
  let attempts = 0
  const attempt = () => {
    attempts += 1
    throw lasting
  }
  expect(await failureOf(withPatience(attempt, passes, 60_000))).toBe(lasting)
  expect(attempts).toBe(1)
})

it('fails with the last failure when patience ends, having tried at least once', async () => {
  let attempts = 0
  const attempt = () => {
    attempts += 1
    throw passing
  }
  expect(await failureOf(withPatience(attempt, passes, 0))).toBe(passing)
  expect(attempts).toBe(1)
})

it('lets the process do other things while it waits', async () => {
  let free = false
  setImmediate(() => {
    free = true
  })
  await withPatience(
    () => {
      if (!free) throw passing
    },
    passes,
    60_000,
  )
  expect(free).toBe(true)
})
