import { describe, expect, it } from 'vitest'
import { PartBuffer } from './part-buffer.js'

describe('PartBuffer', () => {
  it('takes pieces up to its size, and gives back what is left', () => {
    const buffer = new PartBuffer(10)
    expect(buffer.add(Buffer.from('1234'))).toHaveLength(0)
    expect(Buffer.from(buffer.add(Buffer.from('567890ab'))).toString()).toBe('ab')
    expect(buffer.isFull).toBe(true)
    expect(Buffer.from(buffer.bytes).toString()).toBe('1234567890')
  })

  it('grows with what it holds', () => {
    const buffer = new PartBuffer(1_000_000)
    for (let i = 0; i < 100; i++) buffer.add(Buffer.alloc(10_000, i))
    expect(buffer.isFull).toBe(true)
    for (let i = 0; i < 100; i++) expect(buffer.bytes[i * 10_000]).toBe(i)
  })

  it('can be filled again', () => {
    const buffer = new PartBuffer(4)
    buffer.add(Buffer.from('abcd'))
    buffer.clear().add(Buffer.from('xy'))
    expect(Buffer.from(buffer.bytes).toString()).toBe('xy')
  })

  it('gives its memory back when it is told to', () => {
    const buffer = new PartBuffer(1_000)
    buffer.add(Buffer.alloc(1_000))
    const { buffer: memory } = buffer.bytes
    buffer.free()
    expect(memory.byteLength).toBe(0)
  })
})
