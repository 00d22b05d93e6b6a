import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { parseS3Address, type S3Address } from '../../domain/s3-address.js'
import type { ArtifactStore, PutResult, UnfinishedUpload } from '../artifact-store.js'
import { bytes, collect, failureOf, readAll } from './contract-bytes.js'

/** The store of one test, with short ways to do and to see the usual things in the test's folder. */
export interface ContractSubject {
  readonly store: ArtifactStore
  readonly folder: S3Address
  at(key: string): S3Address
  putText(key: string, text: string): Promise<PutResult>
  textAt(key: string): Promise<string>
  /** Keys as `at` takes them, sorted. */
  keysIn(prefix: S3Address): Promise<string[]>
  /** Unfinished uploads that were not there when the test began. */
  added(): Promise<UnfinishedUpload[]>
  /** Nobody can see anything at the address. */
  expectNothingAt(key: string): Promise<void>
  /** The same, and no bytes are left of the attempt. */
  expectNoTraceOf(key: string): Promise<void>
}

export async function contractSubject(store: ArtifactStore, bucket: string): Promise<ContractSubject> {
  const folder = parseS3Address(`s3://${bucket}/${randomUUID()}`)
  const before = new Set((await collect(store.listUnfinished())).map((upload) => upload.at))
  const subject: ContractSubject = {
    store,
    folder,
    at: (key) => parseS3Address(`${folder}/${key}`),
    putText: (key, text) => store.put(subject.at(key), bytes(text)),
    textAt: async (key) => new TextDecoder().decode(await readAll(await store.open(subject.at(key)))),
    keysIn: async (prefix) =>
      (await collect(store.list(prefix))).map(({ address }) => address.slice(folder.length + 1)).sort(),
    added: async () => (await collect(store.listUnfinished())).filter((upload) => !before.has(upload.at)),
    expectNothingAt: async (key) => {
      expect(await store.stat(subject.at(key))).toBeUndefined()
      expect(await failureOf(store.open(subject.at(key)))).toMatchObject({ reason: 'object-missing' })
      expect(await subject.keysIn(folder)).not.toContain(key)
    },
    expectNoTraceOf: async (key) => {
      await subject.expectNothingAt(key)
      expect(await subject.added()).toEqual([])
    },
  }
  return subject
}
