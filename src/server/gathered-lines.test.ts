import { beforeEach, expect, it, vi } from 'vitest'
import { gatherLines } from './gathered-lines.js'

let written: string[]
beforeEach(() => {
  written = []
  vi.useFakeTimers()
  return () => void vi.useRealTimers()
})
const gathered = () => gatherLines({ write: (text) => void written.push(text) })

it('writes lines that come together together, a moment later', () => {
  const lines = gathered()
  lines.write('one\n')
  lines.write('two\n')
  expect(written).toEqual([])
  vi.runAllTimers()
  expect(written).toEqual(['one\ntwo\n'])
  lines.write('three\n')
  vi.runAllTimers()
  expect(written).toEqual(['one\ntwo\n', 'three\n'])
})

it('does not wait when there are many', () => {
  const lines = gathered()
  const line = `${'x'.repeat(999)}\n`
  for (let n = 0; n < 20; n++) lines.write(line)
  expect(written.map((text) => text.length)).toEqual([9_000, 9_000])
  lines.flush()
  expect(written.join('')).toBe(line.repeat(20))
})

it('writes what is held once when it is told to, and nothing where nothing is held', () => {
  const lines = gathered()
  lines.flush()
  lines.write('one\n')
  lines.flush()
  lines.flush()
  vi.runAllTimers()
  expect(written).toEqual(['one\n'])
})
