import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { severalAtOnce } from './several-at-once.js'

it('does all of them, and never more at once than it may', async () => {
  let underway = 0
  let most = 0
  const done: number[] = []
  await severalAtOnce([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
    most = Math.max(most, ++underway)
    for (let i = 0; i < item; i++) await setImmediate()
    underway--
    done.push(item)
  })
  expect(done.sort()).toEqual([1, 2, 3, 4, 5, 6, 7])
  expect(most).toBe(3)
})

it('begins nothing after a failure, and throws it when what was under way has ended', async () => {
  const begun: number[] = []
  const ended: number[] = []
  const failure = new Error('the second')
  await expect(
    severalAtOnce([1, 2, 3, 4], 2, async (item) => {
      begun.push(item)
      if (item === 2) throw failure
      for (let i = 0; i < 5; i++) await setImmediate()
      ended.push(item)
    }),
  ).rejects.toBe(failure)
  expect(begun).toEqual([1, 2])
  expect(ended).toEqual([1])
})
