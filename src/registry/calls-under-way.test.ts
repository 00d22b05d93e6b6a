import { expect, it } from 'vitest'
import { CallsUnderWay } from './calls-under-way.js'

it('has ended when nothing began', async () => {
  await new CallsUnderWay().allEnded()
})

it('ends with the last call, those included that begin meanwhile', async () => {
  const calls = new CallsUnderWay()
  const ended: string[] = []
  calls.begin('test')
  const all = calls.allEnded().then(() => ended.push('all'))
  calls.begin('test')
  calls.end()
  ended.push('one')
  await Promise.resolve()
  calls.end()
  await all
  expect(ended).toEqual(['one', 'all'])
})

it('takes none after it was closed, and ends all the same', async () => {
  const calls = new CallsUnderWay()
  calls.begin('getModel')
  calls.close()
  expect(() => calls.begin('listModels')).toThrow('listModels')
  calls.end()
  await calls.allEnded()
})
