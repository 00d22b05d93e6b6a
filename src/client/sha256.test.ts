import { createHash, randomBytes } from 'node:crypto'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createSha256 } from './sha256.js'

afterEach(() => vi.unstubAllGlobals())

describe.each([
  ['in Node', () => {}],
  ['in a browser', () => vi.stubGlobal('process', undefined)],
])('createSha256 %s', (_where, enter) => {
  it('hashes bytes in pieces of any size', async () => {
    const bytes = randomBytes(100_000)
    const expected = createHash('sha256').update(bytes).digest('hex')
    enter()
    const hash = await createSha256()
    for (let at = 0, size = 1; at < bytes.length; at += size, size = (size * 7 + 1) % 5_000)
      hash.update(bytes.subarray(at, at + size))
    expect(hash.hex()).toBe(expected)
  })

  it('hashes nothing', async () => {
    enter()
    expect((await createSha256()).hex()).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    )
  })
})
