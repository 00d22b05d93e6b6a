import { describe, expect, it } from 'vitest'
import { boundedText } from './bounded-text.js'

describe('boundedText', () => {
  it('gives a text whole, however it is cut', async () => {
    const bytes = new TextEncoder().encode('{"a":"ü😀"}')
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte))
        controller.close()
      },
    })
    expect(await boundedText(new Response(body))).toBe('{"a":"ü😀"}')
    expect(await boundedText(new Response(null))).toBe('')
  })

  it('ends an answer that does not end', async () => {
    let given = 0
    let cancelled = false
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        given++
        controller.enqueue(new Uint8Array(1024 * 1024).fill(32))
      },
      cancel() {
        cancelled = true
      },
    })
    await expect(boundedText(new Response(body))).rejects.toBeInstanceOf(RangeError)
    expect(given).toBeLessThan(70)
    expect(cancelled).toBe(true)
  })
})
