import { readdirSync, realpathSync } from 'node:fs'
import { truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../../../test/support/temporary-folder.js'
import { parseS3Address } from '../../../domain/s3-address.js'
import type { Bytes } from '../../../ports/artifact-store.js'
import { failureOf, inPieces, patterned, readAll, sha256Of } from '../../../ports/testing/contract-bytes.js'
import { FsArtifactStore } from '../fs.js'

const address = parseS3Address('s3://models/m/model.bin')
const content = patterned(3_000_000)

async function stored(): Promise<{ store: FsArtifactStore; path: string }> {
  const root = await temporaryFolder()
  const store = new FsArtifactStore({ root })
  await store.put(address, inPieces(content, 65_536))
  return { store, path: join(root, 'models', 'm', 'model.bin') }
}

/** Whether this process has the file open; undefined where the system does not tell. */
function isOpen(path: string): boolean | undefined {
  if (process.platform !== 'linux') return undefined
  return readdirSync('/proc/self/fd').some((fd) => {
    try {
      return realpathSync(`/proc/self/fd/${fd}`) === path
    } catch {
      return false
    }
  })
}

const closed = (path: string) => expect.poll(() => isOpen(path) ?? false).toBe(false)

function asNodeStream(bytes: Bytes): Readable {
  if (!(bytes instanceof Readable)) throw new TypeError('a Node stream is expected')
  return bytes
}

it('is a Node stream that a server can pipe', async () => {
  const { store, path } = await stored()
  const pieces: Uint8Array[] = []
  const sink = new Writable({
    write(piece, _, done) {
      pieces.push(piece)
      done()
    },
  })
  await pipeline(asNodeStream(await store.open(address)), sink)
  expect(sha256Of(Buffer.concat(pieces))).toBe(sha256Of(content))
  await closed(path)
})

it('closes the file at the end, when it is left, when it is destroyed and when it is aborted', async () => {
  const { store, path } = await stored()
  await readAll(await store.open(address))
  await closed(path)
  for await (const piece of await store.open(address)) if (piece.length > 0) break
  await closed(path)
  asNodeStream(await store.open(address)).destroy()
  await closed(path)
  const control = new AbortController()
  const unread = await store.open(address, { signal: control.signal })
  control.abort()
  await closed(path)
  expect(await failureOf(readAll(unread))).toMatchObject({ name: 'S3DownloadError', reason: 'aborted' })
})

it('ends when the signal fires while the file is being opened', async () => {
  const { store, path } = await stored()
  const control = new AbortController()
  const opening = store.open(address, { signal: control.signal })
  control.abort()
  expect(await failureOf(opening.then(readAll))).toMatchObject({ name: 'S3DownloadError', reason: 'aborted' })
  await closed(path)
})

it('does not go on listening to the signal of a reading that has ended', async () => {
  const { store } = await stored()
  const control = new AbortController()
  let listeners = 0
  const { addEventListener, removeEventListener } = control.signal
  control.signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    listeners += 1
    addEventListener.apply(control.signal, args)
  }
  control.signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    listeners -= 1
    removeEventListener.apply(control.signal, args)
  }
  await readAll(await store.open(address, { signal: control.signal }))
  expect(listeners).toBe(0)
})

it('fails when the file is cut while it is read, rather than ending early', async () => {
  const { store, path } = await stored()
  const reading = async () => {
    let first = true
    for await (const piece of await store.open(address)) {
      if (first && piece.length > 0) await truncate(path, 1_000_000)
      first = false
    }
  }
  expect(await failureOf(reading())).toMatchObject({
    name: 'S3DownloadError',
    reason: 'length-mismatch',
    context: { s3Path: address, localPath: path, expected: 3_000_000 },
  })
})

it('reads on after the object was deleted', async ({ skip }) => {
  if (process.platform === 'win32') return skip('Windows does not delete a file that is open')
  const { store } = await stored()
  const opened = await store.open(address)
  await store.delete(address)
  expect(sha256Of(await readAll(opened))).toBe(sha256Of(content))
})
