import { describe, expect, it } from 'vitest'
import {
  bytes,
  collect,
  failureOf,
  inPieces,
  openDescriptors,
  patterned,
  readAll,
  sha256Of,
} from './contract-bytes.js'
import type { ContractSubject } from './contract-subject.js'

/** What `open` does in every artifact store. */
export function openClauses(subject: () => ContractSubject): void {
  describe('open', () => {
    it.each([
      ['from the start', { start: 0, end: 4 }, '0123'],
      ['from the middle', { start: 3, end: 7 }, '3456'],
      ['one byte', { start: 9, end: 10 }, '9'],
      ['without an end', { start: 6 }, '6789'],
      ['past the end', { start: 8, end: 1_000_000 }, '89'],
      ['of everything', { start: 0 }, '0123456789'],
    ])('reads a range %s', async (_, range, text) => {
      const { store, at, putText } = subject()
      await putText('digits', '0123456789')
      const read = await readAll(await store.open(at('digits'), { range }))
      expect(new TextDecoder().decode(read)).toBe(text)
    })

    it('reads a range that spans many pieces', async () => {
      const { store, at } = subject()
      const content = patterned(3_000_000)
      await store.put(at('long'), inPieces(content, 65_536))
      const range = { start: 1_000_001, end: 2_500_003 }
      const read = await readAll(await store.open(at('long'), { range }))
      expect(sha256Of(read)).toBe(sha256Of(content.subarray(range.start, range.end)))
    })

    it.each([
      ['at its end', { start: 10 }],
      ['past its end', { start: 11, end: 20 }],
      ['at a negative byte', { start: -1 }],
      ['within a byte', { start: 0.5 }],
      ['nowhere', { start: Number.NaN }],
      ['after its own end', { start: 5, end: 4 }],
      ['and ends at the same byte', { start: 5, end: 5 }],
    ])('refuses a range of ten bytes that starts %s', async (_, range) => {
      const { store, at, putText } = subject()
      await putText('digits', '0123456789')
      expect(await failureOf(store.open(at('digits'), { range }))).toMatchObject({
        name: 'S3DownloadError',
        reason: 'invalid-range',
        context: { s3Path: at('digits'), expected: 10 },
      })
    })

    it('reads nothing from 0 of an empty object, and refuses any other start', async () => {
      const { store, at } = subject()
      await store.put(at('empty'), bytes())
      expect(await readAll(await store.open(at('empty'), { range: { start: 0 } }))).toHaveLength(0)
      expect(await readAll(await store.open(at('empty'), { range: { start: 0, end: 9 } }))).toHaveLength(0)
      expect(await failureOf(store.open(at('empty'), { range: { start: 1 } }))).toMatchObject({
        reason: 'invalid-range',
      })
    })

    it('says before the first byte that nothing is there', async () => {
      const { store, at, putText } = subject()
      await putText('folder/file', 'x')
      for (const key of ['missing', 'missing/below', 'folder', 'folder/file/below'])
        expect(await failureOf(store.open(at(key)))).toMatchObject({
          name: 'S3DownloadError',
          reason: 'object-missing',
          context: { s3Path: at(key) },
        })
    })

    it('does not begin when it is ended beforehand', async () => {
      const { store, at, putText } = subject()
      await putText('x', 'content')
      expect(await failureOf(store.open(at('x'), { signal: AbortSignal.abort() }))).toMatchObject({
        name: 'S3DownloadError',
        reason: 'aborted',
      })
    })

    it('ends with an error when it is ended in between', async () => {
      const { store, at } = subject()
      await store.put(at('long'), inPieces(patterned(8_000_000), 65_536))
      const control = new AbortController()
      const content = await store.open(at('long'), { signal: control.signal })
      const reading = async () => {
        for await (const piece of content) if (piece.length > 0) control.abort()
      }
      expect(await failureOf(reading())).toMatchObject({ name: 'S3DownloadError', reason: 'aborted' })
    })

    it('leaves no file or connection open after readings that end early', async ({ skip }) => {
      const { store, at } = subject()
      const before = await openDescriptors()
      if (before === undefined) return skip('this system does not tell which descriptors are open')
      await store.put(at('long'), inPieces(patterned(2_000_000), 65_536))
      // Kept, so that no garbage collector closes what the store forgot.
      const left = await Promise.all(Array.from({ length: 100 }, () => store.open(at('long'))))
      for (const content of left) for await (const piece of content) if (piece.length > 0) break
      // A client may keep some connections for the next call, and closing may take a moment.
      await expect.poll(openDescriptors, { timeout: 10_000 }).toBeLessThan(before + 50)
      expect(left).toHaveLength(100)
    })

    it('gives pieces that stay as they are while more are read', async () => {
      const { store, at } = subject()
      const content = patterned(4_000_000)
      await store.put(at('long'), inPieces(content, 65_536))
      const kept = await collect(await store.open(at('long')))
      expect(kept.length).toBeGreaterThan(1)
      expect(sha256Of(Buffer.concat(kept))).toBe(sha256Of(content))
    })

    it('serves many readers at once', async () => {
      const { store, at } = subject()
      const content = patterned(500_000)
      await store.put(at('shared'), inPieces(content, 65_536))
      const read = await Promise.all(
        Array.from({ length: 16 }, async () => sha256Of(await readAll(await store.open(at('shared'))))),
      )
      expect(new Set(read)).toEqual(new Set([sha256Of(content)]))
    })
  })
}
