import { expect, it } from 'vitest'
import { shownUrl } from './logging.js'
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
