import { describe, expect, it } from 'vitest'
import {
  bytes,
  endlessSource,
  failureOf,
  heldSource,
  inPieces,
  patterned,
  readAll,
  sha256Of,
  utf8,
} from './contract-bytes.js'
import type { ContractSubject } from './contract-subject.js'

/** What `put` does in every artifact store. */
export function putClauses(subject: () => ContractSubject): void {
  describe('put', () => {
    it('gives back address, size, sha256 and time, and the bytes can be read', async () => {
      const { store, at } = subject()
      const content = patterned(300_000)
      const before = Date.now()
      const stored = await store.put(at('models/m/1.0.0/model.bin'), inPieces(content, 7_001))
      expect(stored).toEqual({
        address: at('models/m/1.0.0/model.bin'),
        size: 300_000,
        sha256: sha256Of(content),
        storedAt: expect.any(Date),
      })
      // Stores keep whole seconds, and their clock is not this one.
      expect(Math.abs(stored.storedAt.getTime() - before)).toBeLessThan(3_600_000)
      expect(Buffer.compare(await readAll(await store.open(stored.address)), content)).toBe(0)
    })

    it('stores an object of no bytes', async () => {
      const { store, at } = subject()
      const stored = await store.put(at('empty'), bytes())
      expect(stored).toMatchObject({ size: 0, sha256: sha256Of(utf8('')) })
      expect(await readAll(await store.open(at('empty')))).toHaveLength(0)
      expect(await store.stat(at('empty'))).toMatchObject({ size: 0 })
    })

    it('stores 20 MB unaltered', async () => {
      const { store, at } = subject()
      const content = patterned(20_000_000)
      const stored = await store.put(at('large'), inPieces(content, 65_536))
      expect(stored).toMatchObject({ size: content.length, sha256: sha256Of(content) })
      expect(sha256Of(await readAll(await store.open(at('large'))))).toBe(stored.sha256)
    })

    it('takes pieces of any size, down to none', async () => {
      const { store, at } = subject()
      const content = patterned(5_000)
      const uneven = async function* () {
        yield new Uint8Array()
        yield* inPieces(content.subarray(0, 4_000), 1)
        yield new Uint8Array()
        yield Buffer.from(content.subarray(4_000))
      }
      expect(await store.put(at('uneven'), uneven())).toMatchObject({ sha256: sha256Of(content) })
      expect(sha256Of(await readAll(await store.open(at('uneven'))))).toBe(sha256Of(content))
    })

    it('keeps keys with spaces, signs and letters of any script apart', async () => {
      const { putText, textAt, keysIn, folder } = subject()
      const keys = ['a b', 'a+b', 'a%20b', 'a&b=c#d', "it's", 'modèles/日本語/😀.bin', `${'n'.repeat(255)}`]
      for (const key of keys) await putText(key, `at ${key}`)
      for (const key of keys) expect(await textAt(key)).toBe(`at ${key}`)
      expect(await keysIn(folder)).toEqual(keys.sort())
    })

    it('reports how many bytes it has taken, up to all of them', async () => {
      const { store, at } = subject()
      const seen: number[] = []
      await store.put(at('watched'), inPieces(patterned(200_000), 50_000), {
        onProgress: (count) => seen.push(count),
      })
      expect(seen).toEqual([...seen].sort((a, b) => a - b))
      expect(seen.at(-1)).toBe(200_000)
    })

    it('accepts bytes that are the expected ones', async () => {
      const { store, at, textAt } = subject()
      const expected = { sha256: sha256Of(utf8('weights')), size: 7 }
      await store.put(at('expected'), bytes('wei', 'ghts'), { expected })
      expect(await textAt('expected')).toBe('weights')
    })

    it('leaves nothing behind when the bytes do not match the announced sha256', async () => {
      const { store, at, putText, expectNoTraceOf } = subject()
      const expected = { sha256: sha256Of(utf8('other')) }
      expect(await failureOf(store.put(at('x'), bytes('weights'), { expected }))).toMatchObject({
        name: 'S3UploadError',
        reason: 'checksum-mismatch',
        outcome: 'not-applied',
        context: { s3Path: at('x'), expected: expected.sha256, actual: sha256Of(utf8('weights')) },
      })
      await expectNoTraceOf('x')
      await putText('x', 'the address is still free')
    })

    it('leaves nothing behind when fewer bytes come than were announced', async () => {
      const { store, at, expectNoTraceOf } = subject()
      const failure = await failureOf(store.put(at('x'), bytes('weights'), { expected: { size: 8 } }))
      expect(failure).toMatchObject({
        name: 'S3UploadError',
        reason: 'length-mismatch',
        context: { expected: 8, actual: 7 },
      })
      await expectNoTraceOf('x')
    })

    it('stops reading, and leaves nothing behind, when more bytes come than were announced', async () => {
      const { store, at, expectNoTraceOf } = subject()
      const { content, state } = endlessSource()
      const failure = await failureOf(store.put(at('x'), content, { expected: { size: 25 } }))
      expect(failure).toMatchObject({ name: 'S3UploadError', reason: 'length-mismatch' })
      expect(state.released).toBe(true)
      await expectNoTraceOf('x')
    })

    it('leaves nothing behind when its source fails, and says so', async () => {
      const { store, at, expectNoTraceOf } = subject()
      const broken = new Error('the tape tore')
      const source = async function* () {
        yield utf8('half a mod')
        throw broken
      }
      const failure = await failureOf(store.put(at('x'), source()))
      expect(failure).toMatchObject({
        name: 'S3UploadError',
        reason: 'source-failed',
        outcome: 'not-applied',
        context: { s3Path: at('x') },
      })
      expect(failure.cause).toBe(broken)
      await expectNoTraceOf('x')
    })

    it('takes a source that fails before its first byte for a failed source', async () => {
      const { store, at, expectNoTraceOf } = subject()
      // biome-ignore lint/correctness/useYield: it fails before it can.
      const source = async function* (): AsyncGenerator<Uint8Array> {
        throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
      }
      expect(await failureOf(store.put(at('x'), source()))).toMatchObject({ reason: 'source-failed' })
      await expectNoTraceOf('x')
    })

    it('shows nothing until all bytes are there', async () => {
      const { store, at, textAt, expectNothingAt } = subject()
      const { content, waiting, go } = heldSource('first half, ', 'second half')
      const put = store.put(at('held'), content)
      await waiting
      await expectNothingAt('held')
      go()
      await put
      expect(await textAt('held')).toBe('first half, second half')
    })

    it('does not begin when it is ended beforehand', async () => {
      const { store, at, expectNoTraceOf } = subject()
      const { content, state } = endlessSource()
      const signal = AbortSignal.abort(new Error('enough'))
      expect(await failureOf(store.put(at('x'), content, { signal }))).toMatchObject({
        name: 'S3UploadError',
        reason: 'aborted',
        outcome: 'not-applied',
        cause: signal.reason,
      })
      expect(state.pieces).toBe(0)
      await expectNoTraceOf('x')
    })

    it('ends at once, and leaves nothing behind, when it is ended while its source gives nothing', async () => {
      const { store, at, expectNoTraceOf } = subject()
      const { content, waiting } = heldSource('first half')
      const control = new AbortController()
      const put = failureOf(store.put(at('x'), content, { signal: control.signal }))
      await waiting
      control.abort()
      expect(await put).toMatchObject({ name: 'S3UploadError', reason: 'aborted' })
      await expectNoTraceOf('x')
    })

    it('ends in the middle of a flow of bytes', async () => {
      const { store, at, expectNoTraceOf } = subject()
      const { content, state } = endlessSource()
      const control = new AbortController()
      const onProgress = (count: number) => count >= 500_000 && control.abort()
      const failure = await failureOf(store.put(at('x'), content, { signal: control.signal, onProgress }))
      expect(failure).toMatchObject({ reason: 'aborted' })
      expect(state.released).toBe(true)
      await expectNoTraceOf('x')
    })

    it('refuses an address that is taken, and does not touch what is there', async () => {
      const { at, putText, textAt } = subject()
      await putText('taken', 'the first')
      expect(await failureOf(putText('taken', 'the second'))).toMatchObject({
        name: 'S3UploadError',
        reason: 'object-exists',
        outcome: 'not-applied',
        context: { s3Path: at('taken') },
      })
      expect(await textAt('taken')).toBe('the first')
    })

    it('lets exactly one of 32 writers at one address win, and keeps its bytes whole', async () => {
      const { store, at, keysIn, folder } = subject()
      const contents = Array.from({ length: 32 }, (_, writer) => patterned(200_000, writer + 1))
      const results = await Promise.allSettled(
        contents.map((content) => store.put(at('raced'), inPieces(content, 20_000))),
      )
      const winners = results.filter((result) => result.status === 'fulfilled')
      expect(winners).toHaveLength(1)
      for (const result of results)
        if (result.status === 'rejected')
          expect(await failureOf(Promise.reject(result.reason))).toMatchObject({ reason: 'object-exists' })
      expect(sha256Of(await readAll(await store.open(at('raced'))))).toBe(winners[0]?.value.sha256)
      expect(await keysIn(folder)).toEqual(['raced'])
    })

    it('does not lose an object to deletions beside it', async () => {
      const { store, at, putText, textAt } = subject()
      const worker = async (_: unknown, name: number) => {
        for (let round = 0; round < 40; round++) {
          const key = `deep/er/${name}-${round}`
          await putText(key, key)
          expect(await textAt(key)).toBe(key)
          await store.delete(at(key))
        }
      }
      await Promise.all(Array.from({ length: 4 }, worker))
    })
  })
}
