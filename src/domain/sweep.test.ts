import { constants, PerformanceObserver } from 'node:perf_hooks'
import { describe, expect, it, onTestFinished } from 'vitest'
import { bytesPassed } from './sweep.js'

const MIB = 1024 ** 2

describe('bytesPassed', () => {
  it('has the young objects collected once for every 8 MiB', async () => {
    const forced = await collectionsDuring(() => {
      for (let n = 0; n < 64; n++) bytesPassed(MIB)
    })
    expect(forced).toBe(8)
  })

  it('leaves a process alone that passes little', async () => {
    const forced = await collectionsDuring(() => {
      for (let n = 0; n < 64; n++) bytesPassed(1024)
    })
    expect(forced).toBe(0)
  })

  it('gives no other code the means to collect', () => {
    bytesPassed(8 * MIB)
    expect(Reflect.get(globalThis, 'gc')).toBeUndefined()
  })
})

/** How many collections of young objects were asked for, rather than begun by V8 itself. */
async function collectionsDuring(work: () => void): Promise<number> {
  let forced = 0
  const note = (entries: readonly PerformanceEntry[]) => {
    for (const entry of entries)
      if (Number(Object(Reflect.get(entry, 'detail')).flags) & constants.NODE_PERFORMANCE_GC_FLAGS_FORCED)
        forced++
  }
  const observer = new PerformanceObserver((list) => note(list.getEntries()))
  onTestFinished(() => observer.disconnect())
  observer.observe({ entryTypes: ['gc'] })
  work()
  await new Promise((resolve) => setImmediate(resolve))
  note(observer.takeRecords())
  return forced
}
