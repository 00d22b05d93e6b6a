import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { temporaryFolder } from '../../../../test/support/temporary-folder.js'
import { parseS3Address } from '../../../domain/s3-address.js'
import { bytes, collect, failureOf } from '../../../ports/testing/contract-bytes.js'
import { FsArtifactStore } from '../fs.js'
import { placeOf } from './place.js'
import { publish } from './publish.js'

const answer = vi.hoisted(() => ({ code: undefined as string | undefined, calls: 0 }))

// No file system without hard links can be mounted everywhere, so link(2) alone answers as one would.
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>()
  return {
    ...real,
    link: async (from: string, to: string) => {
      answer.calls += 1
      if (answer.code === undefined) return real.link(from, to)
      throw Object.assign(new Error(`${answer.code}: link`), { code: answer.code })
    },
  }
})

const address = parseS3Address('s3://models/m/model.bin')

describe('on a file system without hard links', () => {
  afterEach(() => {
    answer.code = undefined
  })

  it.each(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])('goes by a reservation after %s', async (code) => {
    const root = await temporaryFolder()
    const store = new FsArtifactStore({ root })
    answer.code = code
    answer.calls = 0
    await store.put(address, bytes('content'))
    expect(answer.calls).toBe(1)
    expect(await readFile(join(root, 'models', 'm', 'model.bin'), 'utf8')).toBe('content')
    expect(await collect(store.listUnfinished())).toEqual([])
    expect(await failureOf(store.put(address, bytes('other')))).toMatchObject({ reason: 'object-exists' })
  })

  it('does not for other failures', async () => {
    const store = new FsArtifactStore({ root: await temporaryFolder() })
    answer.code = 'EIO'
    expect(await failureOf(store.put(address, bytes('content')))).toMatchObject({ reason: 'disk-fault' })
    expect(await collect(store.list())).toEqual([])
  })
})

describe('a reservation', () => {
  async function completeUpload() {
    const root = await temporaryFolder()
    const incoming = join(root, '.incoming')
    await mkdir(incoming)
    await writeFile(join(incoming, 'upload'), 'content')
    const name = createHash('sha256').update(address).digest('hex')
    return {
      incoming,
      upload: join(incoming, 'upload'),
      reservation: join(incoming, `${name}.reserved`),
      place: placeOf(root, address),
    }
  }

  it('is gone after an upload', async () => {
    const { incoming, upload, place } = await completeUpload()
    await publish(upload, place, 'reservation')
    expect(await readFile(place.path, 'utf8')).toBe('content')
    expect(await readdir(incoming)).toEqual([])
  })

  it('is gone after an upload that came too late', async () => {
    const { incoming, upload, place } = await completeUpload()
    await mkdir(dirname(place.path), { recursive: true })
    await writeFile(place.path, 'first')
    await expect(publish(upload, place, 'reservation')).rejects.toMatchObject({ code: 'EEXIST' })
    expect(await readFile(place.path, 'utf8')).toBe('first')
    expect(await readdir(incoming)).toEqual(['upload'])
  })

  it('of another upload is waited for', async () => {
    const { upload, place, reservation } = await completeUpload()
    await writeFile(reservation, '')
    let settled = false
    const publishing = publish(upload, place, 'reservation').finally(() => {
      settled = true
    })
    for (let turn = 0; turn < 20; turn++) await readFile(upload)
    expect(settled).toBe(false)
    await rm(reservation)
    await publishing
    expect(await readFile(place.path, 'utf8')).toBe('content')
  })

  it('is not waited for once the object is there', async () => {
    const { upload, place, reservation } = await completeUpload()
    await writeFile(reservation, '')
    await mkdir(dirname(place.path), { recursive: true })
    await writeFile(place.path, 'first')
    await expect(publish(upload, place, 'reservation')).rejects.toMatchObject({ code: 'EEXIST' })
    expect(await readdir(dirname(reservation))).toContain(basename(reservation))
  })
})
