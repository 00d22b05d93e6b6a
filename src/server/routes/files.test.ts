import { createHash, randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { get } from 'node:http'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { digestField } from '../../wire/digest-fields.js'
import { damage, placeOf } from '../testing/damage.js'
import { saved } from '../testing/saved.js'
import { send } from '../testing/send.js'
import { served } from '../testing/served.js'

const content = '0123456789'
const sha256 = createHash('sha256').update(content).digest('hex')
const etag = `"${sha256}"`
const path = '/api/models/btc-lstm/versions/1.0.0/files/digits.txt'

async function withDigits() {
  const server = await served()
  const record = await saved(server.url, { 'digits.txt': content, 'weights/w 1.bin': 'w', 'empty.bin': '' })
  return { ...server, record }
}

describe('GET a file', () => {
  it('gives all bytes with their digests', async () => {
    const { url } = await withDigits()
    const answer = await send(url, path)
    expect(answer).toMatchObject({ status: 200, body: content })
    expect(answer.headers).toMatchObject({
      etag,
      'content-length': '10',
      'accept-ranges': 'bytes',
      'content-disposition': 'attachment; filename="digits.txt"',
      'repr-digest': digestField(sha256),
      'content-digest': digestField(sha256),
      'x-content-type-options': 'nosniff',
    })
    expect(answer.headers['content-security-policy']).toContain('sandbox')
  })

  it('gives every one of many slow readers at once the bytes that were saved', async () => {
    const { url } = await served()
    const files = Object.fromEntries(
      ['a.bin', 'b.bin', 'c.bin'].map((name) => [name, randomBytes(12_000_000)]),
    )
    await saved(url, files)
    const read = async (name: string) => {
      const hash = createHash('sha256')
      const { promise: answer, resolve, reject } = Promise.withResolvers<AsyncIterable<Buffer>>()
      get(`${url}/api/models/btc-lstm/versions/1.0.0/files/${name}`, resolve).on('error', reject)
      for await (const piece of await answer) {
        hash.update(piece)
        await setImmediate()
      }
      return hash.digest('hex')
    }
    const expected = (name: string) =>
      createHash('sha256')
        .update(files[name] ?? '')
        .digest('hex')
    const names = [...Object.keys(files), ...Object.keys(files)]
    expect(await Promise.all(names.map(read))).toEqual(names.map(expected))
  })

  it('gives the part that is asked for, and the digest of the whole alone', async () => {
    const { url } = await withDigits()
    for (const [range, body, contentRange] of [
      ['bytes=2-4', '234', 'bytes 2-4/10'],
      ['bytes=7-', '789', 'bytes 7-9/10'],
      ['bytes=-2', '89', 'bytes 8-9/10'],
      ['bytes=0-0', '0', 'bytes 0-0/10'],
      ['bytes=0-99', content, 'bytes 0-9/10'],
    ] as const) {
      const answer = await send(url, path, { headers: { range } })
      expect(answer).toMatchObject({ status: 206, body })
      expect(answer.headers).toMatchObject({
        'content-range': contentRange,
        'content-length': String(body.length),
        'repr-digest': digestField(sha256),
        etag,
      })
      expect(answer.headers['content-digest']).toBeUndefined()
    }
  })

  it.each(['bytes=10-', 'bytes=99-100', 'bytes=-0'])('answers 416 to %s', async (range) => {
    const { url } = await withDigits()
    const answer = await send(url, path, { headers: { range } })
    expect(answer.status).toBe(416)
    expect(answer.headers['content-range']).toBe('bytes */10')
    expect(answer.json()).toMatchObject({ code: 'S3_DOWNLOAD_FAILED', cause: 'invalid-range' })
  })

  it.each(['bytes=0-1,4-5', 'lines=1-2', 'bytes=5-2', 'nonsense'])(
    'gives the whole for %s',
    async (range) => {
      const { url } = await withDigits()
      expect(await send(url, path, { headers: { range } })).toMatchObject({ status: 200, body: content })
    },
  )

  it('gives the part only while the file is the one that If-Range means', async () => {
    const { url } = await withDigits()
    const part = (condition: string) =>
      send(url, path, { headers: { range: 'bytes=0-1', 'if-range': condition } })
    expect(await part(etag)).toMatchObject({ status: 206, body: '01' })
    for (const other of ['"other"', `W/${etag}`, 'Wed, 21 Oct 2026 07:28:00 GMT'])
      expect(await part(other)).toMatchObject({ status: 200, body: content })
  })

  it('answers 304 to whoever has it, whatever range is asked for', async () => {
    const { url } = await withDigits()
    const answer = await send(url, path, { headers: { 'if-none-match': etag, range: 'bytes=0-1' } })
    expect(answer).toMatchObject({ status: 304, body: '' })
    expect(answer.headers.etag).toBe(etag)
  })

  it('answers HEAD with the headers alone', async () => {
    const { url } = await withDigits()
    const answer = await send(url, path, { method: 'HEAD' })
    expect(answer).toMatchObject({ status: 200, body: '' })
    expect(answer.headers).toMatchObject({ 'content-length': '10', etag, 'repr-digest': digestField(sha256) })
  })

  it('finds a file in a folder, with an encoded name, and an empty one', async () => {
    const { url } = await withDigits()
    const at = (name: string) => send(url, `/api/models/btc-lstm/versions/latest/files/${name}`)
    expect(await at('weights/w%201.bin')).toMatchObject({ status: 200, body: 'w' })
    expect(await at('weights%2Fw%201.bin')).toMatchObject({ status: 200, body: 'w' })
    expect(await at('empty.bin')).toMatchObject({ status: 200, body: '', headers: { 'content-length': '0' } })
    const { items } = (await send(url, '/api/models/btc-lstm/versions/latest/files')).json()
    expect(items.map((file: { path: string }) => file.path)).toEqual([
      'digits.txt',
      'empty.bin',
      'weights/w 1.bin',
    ])
  })

  it('names the files that there are when another is asked for', async () => {
    const { url } = await withDigits()
    for (const method of ['GET', 'HEAD']) {
      const answer = await send(url, `${path}x`, { method })
      expect(answer.status).toBe(404)
      if (method === 'GET')
        expect(answer.json()).toMatchObject({ code: 'S3_DOWNLOAD_FAILED', cause: 'file-unknown' })
    }
  })

  it('says so when the object is gone', async () => {
    const { url, artifacts, record } = await withDigits()
    await rm(placeOf(artifacts, record.files[0].address))
    const answer = await send(url, path)
    expect(answer.status).toBe(404)
    expect(answer.json()).toMatchObject({ code: 'S3_DOWNLOAD_FAILED', cause: 'object-missing' })
  })

  it('says of a small file that is damaged what it is, and nothing of what it was', async () => {
    const { url, artifacts, record } = await withDigits()
    await damage(artifacts, record.files[0].address)
    const { status, headers, json } = await send(url, path)
    expect(status).toBe(422)
    expect(json()).toMatchObject({ cause: 'checksum-mismatch' })
    for (const name of ['etag', 'repr-digest', 'content-digest', 'content-disposition'])
      expect(headers).not.toHaveProperty(name)
  })

  it('names the range that was asked for', async () => {
    const { url } = await withDigits()
    const answer = await send(url, path, { headers: { range: 'bytes=100-' } })
    expect(answer).toMatchObject({ status: 416, headers: { 'content-range': 'bytes */10' } })
    expect(answer.json().message).toContain('the range 100- lies outside its 10 bytes')
  })

  it('breaks the connection before the last byte of a damaged file, and logs why', async () => {
    const { url, artifacts, log } = await served()
    const bytes = randomBytes(3_000_000)
    const { files } = await saved(url, { 'w.bin': bytes })
    await damage(artifacts, files[0].address, 1_000)
    const response = await fetch(`${url}/api/models/btc-lstm/versions/1.0.0/files/w.bin`)
    expect(response.headers.get('content-length')).toBe('3000000')
    let received = 0
    const reading = (async () => {
      for await (const piece of response.body ?? []) received += piece.length
    })()
    await expect(reading).rejects.toThrow()
    expect(received).toBeLessThan(bytes.length)
    await expect.poll(() => log.join('')).toContain('the body broke')
    expect(log.join('')).toContain('S3_DOWNLOAD_FAILED')
  })
})
