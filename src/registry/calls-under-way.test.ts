import { expect, it } from 'vitest'
import { CallsUnderWay } from './calls-under-way.js'

it('has ended when nothing began', async () => {
  await new CallsUnderWay().allEnded()
})

it('ends with the last call, those included that begin meanwhile', async () => {
  const calls = new CallsUnderWay()
  const ended: string[] = []
  calls.begin()
  const all = calls.allEnded().then(() => ended.push('all'))
  calls.begin()
  calls.end()
  ended.push('one')
  await Promise.resolve()
  calls.end()
  await all
  expect(ended).toEqual(['one', 'all'])
})
