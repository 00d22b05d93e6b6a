import { describe, expect, it } from 'vitest'
import { collect } from './contract-bytes.js'
import type { ContractSubject } from './contract-subject.js'

/** What `stat`, `delete` and `list` do in every artifact store. */
export function listClauses(subject: () => ContractSubject): void {
  describe('stat', () => {
    it('tells what put told', async () => {
      const { store, at, putText } = subject()
      const { address, size } = await putText('a/b', 'content')
      expect(await store.stat(at('a/b'))).toEqual({ address, size, storedAt: expect.any(Date) })
    })

    it('answers undefined for what is not there, and for the folder of an object', async () => {
      const { store, at, putText } = subject()
      await putText('a/b', 'content')
      for (const key of ['c', 'a/c', 'a', 'a/b/c']) expect(await store.stat(at(key))).toBeUndefined()
    })
  })

  describe('delete', () => {
    it('removes the object and nothing else', async () => {
      const { store, at, putText, textAt, expectNothingAt } = subject()
      await putText('a/b', 'goes')
      await putText('a/c', 'stays')
      await store.delete(at('a/b'))
      await expectNothingAt('a/b')
      expect(await textAt('a/c')).toBe('stays')
    })

    it('is not an error twice, nor where nothing ever was', async () => {
      const { store, at, putText } = subject()
      await putText('a/b', 'content')
      await store.delete(at('a/b'))
      await store.delete(at('a/b'))
      await store.delete(at('never/was'))
    })

    it('leaves the objects below that name alone', async () => {
      const { store, at, putText, textAt } = subject()
      await putText('a/b/c', 'stays')
      await store.delete(at('a/b'))
      expect(await textAt('a/b/c')).toBe('stays')
    })

    it('frees the address, and the name of a folder that it emptied', async () => {
      const { store, at, putText, textAt } = subject()
      await putText('a/b', 'first')
      await store.delete(at('a/b'))
      await putText('a/b', 'second')
      expect(await textAt('a/b')).toBe('second')
      await store.delete(at('a/b'))
      await putText('a', 'an object where a folder was')
      expect(await textAt('a')).toBe('an object where a folder was')
    })
  })

  describe('list', () => {
    it('gives every object as stat gives it', async () => {
      const { store, putText, folder } = subject()
      for (const key of ['a', 'b/c', 'b/d/e']) await putText(key, key)
      const listed = await collect(store.list(folder))
      expect(listed).toHaveLength(3)
      for (const object of listed) expect(object).toEqual(await store.stat(object.address))
    })

    it('takes its prefix by whole names: a/b has a/b/x and not a/bc', async () => {
      const { at, putText, keysIn } = subject()
      for (const key of ['a/b/x', 'a/b/y/z', 'a/bc', 'a/b.c/x', 'a/b0', 'ab']) await putText(key, key)
      expect(await keysIn(at('a/b'))).toEqual(['a/b/x', 'a/b/y/z'])
      expect(await keysIn(at('a/bc'))).toEqual(['a/bc'])
      expect(await keysIn(at('a/b/x'))).toEqual(['a/b/x'])
      expect(await keysIn(at('a/nothing'))).toEqual([])
    })

    it('gives the objects of every folder without a prefix', async () => {
      const { store, at, putText } = subject()
      await putText('one', '1')
      await putText('two/three', '3')
      const all = (await collect(store.list())).map(({ address }) => address)
      expect(all).toEqual(expect.arrayContaining([at('one'), at('two/three')]))
    })

    it('gives 2,500 objects, each once', async () => {
      const { putText, keysIn, folder } = subject()
      const keys = Array.from({ length: 2_500 }, (_, i) => `n/${i % 50}/${i}`)
      const waiting = keys.values()
      const worker = async () => {
        for (const key of waiting) await putText(key, key)
      }
      await Promise.all(Array.from({ length: 16 }, worker))
      expect(await keysIn(folder)).toEqual([...keys].sort())
    }, 120_000)

    it('can be left early', async () => {
      const { store, putText, folder } = subject()
      for (let i = 0; i < 5; i++) await putText(`${i}/x`, 'x')
      for await (const object of store.list(folder)) {
        expect(object.size).toBe(1)
        break
      }
    })
  })
}
