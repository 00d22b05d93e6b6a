import { describe, expect, it } from 'vitest'
import { Slots } from './slots.js'

describe('Slots', () => {
  it('lets in as many as there is room for, and the others in their order', async () => {
    const slots = new Slots(1)
    const first = await slots.take()
    const order: string[] = []
    const second = slots.take().then((release) => {
      order.push('second')
      release()
    })
    const third = slots.take().then((release) => {
      order.push('third')
      release()
    })
    first()
    first()
    await Promise.all([second, third])
    expect(order).toEqual(['second', 'third'])
  })
})
