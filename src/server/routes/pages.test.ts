import { describe, expect, it } from 'vitest'
import { errorCodes } from '../../errors/entry.js'
import { send } from '../testing/send.js'
import { served } from '../testing/served.js'

const html = { accept: 'text/html,application/xhtml+xml' }

describe('the pages', () => {
  it('say what this is, with a first command that has the address in it', async () => {
    const { url } = await served()
    const answer = await send(url, '/', { headers: html })
    expect(answer.headers['content-type']).toContain('text/html')
    expect(answer.body).toContain(`--server ${url}`)
    expect(answer.body).not.toContain('<script')
    for (const [, href = ''] of answer.body.matchAll(/href="([^"#]+)"/g))
      expect([href, (await send(url, href)).status]).toEqual([href, 200])
  })

  it('have one for every code, at the address that problems carry', async () => {
    const { url } = await served()
    const list = await send(url, '/errors', { headers: html })
    for (const code of errorCodes) {
      expect(list.body).toContain(`/errors/${code}`)
      const page = await send(url, `/errors/${code}`, { headers: html })
      expect(page.body).toContain(code)
      const json = (await send(url, `/errors/${code}`)).json()
      expect(json).toMatchObject({ code })
      expect(json.causes.length).toBeGreaterThan(0)
    }
  })

  it('answer 404 to a code that the catalog does not have', async () => {
    const { url } = await served()
    expect((await send(url, '/errors/NOPE')).status).toBe(404)
    expect((await send(url, '/errors/%3Cscript%3E', { headers: html })).headers['content-type']).toContain(
      'problem+json',
    )
  })

  it('do not take a Host header for granted', async () => {
    const { url } = await served()
    const answer = await send(url, '/', { headers: { host: 'x"><script>alert(1)</script>' } })
    expect(answer.body).not.toContain('<script>')
  })
})
