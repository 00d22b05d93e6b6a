import { expect, it } from 'vitest'
import { collect, failureOf, heldSource } from './contract-bytes.js'
import type { ContractSubject } from './contract-subject.js'

/** What holds for an artifact store as a whole. */
export function lifeClauses(subject: () => ContractSubject): void {
  it('lists an upload that is under way as unfinished, and not once it has ended', async () => {
    const { store, at, added } = subject()
    const { content, waiting, go } = heldSource('x'.repeat(100), 'y')
    const put = store.put(at('held'), content)
    await waiting
    const [unfinished] = await added()
    expect(unfinished?.touchedAt).toBeInstanceOf(Date)
    go()
    await put
    expect(await added()).toEqual([])
  })

  it('checks that it can be used, and leaves nothing of the check', async () => {
    const { store, keysIn, folder, added } = subject()
    await store.check()
    expect(await keysIn(folder)).toEqual([])
    expect(await added()).toEqual([])
  })

  it('refuses every call after it was closed', async () => {
    const { store, at, putText, folder } = subject()
    await putText('x', 'content')
    await store.close()
    await store.close()
    const calls: [string, () => Promise<unknown>][] = [
      ['S3UploadError', () => putText('y', 'content')],
      ['S3DownloadError', () => store.open(at('x'))],
      ['S3DeleteError', () => store.delete(at('x'))],
      ['S3Error', () => store.stat(at('x'))],
      ['S3Error', () => collect(store.list(folder))],
      ['S3Error', () => collect(store.listUnfinished())],
      ['S3Error', () => store.endUnfinished('an upload')],
      ['S3Error', () => store.check()],
    ]
    for (const [name, call] of calls)
      expect(await failureOf(call())).toMatchObject({ name, reason: 'store-closed' })
  })
}
