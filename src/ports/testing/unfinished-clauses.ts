import { describe, expect, it } from 'vitest'
import { isModelRegistryError } from '../../errors/model-registry-error.js'
import { bytes, collect, heldSource, inPieces, patterned, sha256Of } from './contract-bytes.js'
import type { ContractSubject } from './contract-subject.js'

const SIZE = 12 * 1024 ** 2

/** What becomes of uploads that did not become objects. */
export function unfinishedClauses(subject: () => ContractSubject): void {
  describe('an unfinished upload', () => {
    it('that is under way is not ended, and becomes an object', async () => {
      const { store, at, added, textAt } = subject()
      const { content, waiting, go } = heldSource('x'.repeat(100), 'y')
      const put = store.put(at('held'), content)
      await waiting
      const [unfinished] = await added()
      expect(await store.endUnfinished(unfinished?.at ?? '')).toBe('in-use')
      go()
      await put
      expect(await textAt('held')).toBe(`${'x'.repeat(100)}y`)
    })

    it('that is none is gone, whatever its name', async () => {
      const { store, at, putText, textAt } = subject()
      await putText('x', 'content')
      for (const name of ['', 'nothing', at('x'), at('never'), '/etc/hostname', '../x'])
        expect(await store.endUnfinished(name)).toBe('gone')
      expect(await textAt('x')).toBe('content')
    })

    it('is listed for the address that it is for, if for any', async () => {
      const { store, at, added } = subject()
      const { content, waiting, go } = heldSource('x'.repeat(100))
      const put = store.put(at('a/held'), content)
      await waiting
      const known = (await added()).filter(({ address }) => address !== undefined)
      for (const prefix of [at('a/held'), at('a')])
        expect((await collect(store.listUnfinished(prefix))).map((one) => one.at)).toEqual(
          known.map((one) => one.at),
        )
      expect(await collect(store.listUnfinished(at('a/h')))).toEqual([])
      go()
      await put
    })

    it('is named by the put that keeps it, and can be ended', async () => {
      const { store, at, added } = subject()
      for (const { at: upload } of await keptBy(subject(), 'kept')) {
        expect((await collect(store.listUnfinished(at('kept')))).map((one) => one.at)).toContain(upload)
        expect(await store.endUnfinished(upload)).toBe('ended')
        expect(await store.endUnfinished(upload)).toBe('gone')
      }
      expect(await added()).toEqual([])
    })

    it('is gone on with by a put that says so, and by no other', async () => {
      const { store, at, added } = subject()
      const content = patterned(SIZE)
      const kept = await keptBy(subject(), 'kept')
      const sha256 = sha256Of(content)
      const stored = await store.put(at('kept'), inPieces(content, 65_536), {
        expected: { size: SIZE, sha256 },
        unfinished: 'continue',
      })
      expect(stored).toMatchObject({ size: SIZE, sha256 })
      const read = await collect(await store.open(at('kept')))
      expect(sha256Of(Buffer.concat(read))).toBe(sha256)
      expect(await added()).toEqual([])
      for (const { at: upload } of kept) expect(await store.endUnfinished(upload)).toBe('gone')
    }, 60_000)

    it('of other bytes does no harm to the put that goes on with it', async () => {
      const { store, at, added } = subject()
      await keptBy(subject(), 'kept')
      const content = patterned(SIZE, 2)
      await store.put(at('kept'), inPieces(content, 65_536), {
        expected: { size: SIZE },
        unfinished: 'continue',
      })
      const read = await collect(await store.open(at('kept')))
      expect(sha256Of(Buffer.concat(read))).toBe(sha256Of(content))
      expect(await added()).toEqual([])
    }, 60_000)

    it('is not kept of a put that does not say so', async () => {
      const { store, at, expectNoTraceOf } = subject()
      const failing = store.put(at('x'), breaking(), { expected: { size: SIZE } })
      await expect(failing).rejects.toMatchObject({ leftovers: [] })
      await expectNoTraceOf('x')
      await store.put(at('x'), bytes('small'), { unfinished: 'keep' })
    })
  })
}

/** The uploads that are left of a put whose source breaks off. */
async function keptBy({ store, at, expectNothingAt }: ContractSubject, key: string) {
  const failed = await store
    .put(at(key), breaking(), { expected: { size: SIZE }, unfinished: 'keep' })
    .catch((error: unknown) => error)
  if (!isModelRegistryError(failed)) throw failed
  expect(failed.outcome).toBe('not-applied')
  await expectNothingAt(key)
  expect(failed.leftovers.filter(({ kind }) => kind !== 'upload')).toEqual([])
  return failed.leftovers
}

/** Gives all but the end of what it should. */
async function* breaking(): AsyncGenerator<Uint8Array> {
  yield* inPieces(patterned(SIZE).subarray(0, SIZE - 1_000_000), 65_536)
  throw new Error('the disk was pulled out')
}
