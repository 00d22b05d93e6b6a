import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, it } from 'vitest'
import { shownUrl } from './logging.js'
import { damage } from './testing/damage.js'
import { saved } from './testing/saved.js'
import { send } from './testing/send.js'
import { served } from './testing/served.js'

const token = `mdl_${'a1B2'.repeat(10)}`

it('shows no token that is in the path of an address, in the log or in the answer', async () => {
  const { url, log } = await served()
  for (const path of [
    `/nowhere/${token}`,
    `/api/models/${token}/versions/latest`,
    `/api/models?cursor=${token}`,
  ]) {
    const answer = await send(url, path)
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.json().instance).toContain('***')
    expect(answer.body).not.toContain(token)
  }
  await expect.poll(() => log.join('').match(/\*\*\*/g)?.length).toBeGreaterThanOrEqual(3)
  expect(log.join('')).not.toContain(token)
})

it.each([
  `/x/ghp_${'a'.repeat(36)}`,
  `/x/hf_${'a'.repeat(30)}`,
  `/x/sbp_${'a'.repeat(30)}`,
  `/x/xoxb-${'1'.repeat(20)}`,
  `/x/AIza${'a'.repeat(35)}`,
  `/x/sk_live_${'a'.repeat(24)}`,
  '/x/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJl',
  '/x/AKIAIOSFODNN7EXAMPLE',
  '/x-wJalrXUtnFEMIaK7MDENGabPxRfiCYEXAMPLEKEY',
])('masks %s', (url) => {
  expect(shownUrl({ url })).toContain('***')
})

it('shows other addresses as they are', () => {
  const url = '/api/models/tokenizer/versions/1.0.0/files/keys.json?verify=none'
  expect(shownUrl({ url })).toBe(url)
})

it('tells of a caller that goes away before the answer, and not of one that goes after it', async () => {
  const { url, log } = await served()
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  await once(socket, 'connect')
  const request = (path: string, length: number) =>
    `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n{}`
  socket.write(request('/api/diagnose?first', 2))
  await once(socket, 'data')
  socket.write(request('/api/diagnose?second', 5))
  await expect.poll(() => log.join('')).toContain('first')
  socket.destroy()
  await expect.poll(() => log.join('')).toContain('the caller went away')
  const gone = log
    .join('')
    .split('\n')
    .filter((line) => line.includes('the caller went away'))
  expect(gone.map((line) => JSON.parse(line))).toMatchObject([
    { status: 499, method: 'POST', url: '/api/diagnose?second' },
  ])
})

it('does not say of an answer that the server broke off that the caller went away', async () => {
  const { url, log, artifacts } = await served()
  const record = await saved(url, { 'weights.bin': 'x'.repeat(1_000_000) })
  await damage(artifacts, record.files[0].address, 999_999)
  await expect(send(url, '/api/models/btc-lstm/versions/1.0.0/files/weights.bin')).rejects.toThrow()
  await expect.poll(() => log.join('')).toContain('the answer broke off')
  expect(log.join('')).not.toContain('went away')
})
