import { describe, expect, it } from 'vitest'
import { catalog } from '../../errors/catalog.js'
import { errorCodes } from '../../errors/entry.js'
import { send } from '../testing/send.js'
import { served } from '../testing/served.js'

const html = { accept: 'text/html,application/xhtml+xml' }

describe('the pages of the catalog', () => {
  it.each(errorCodes)('explain %s with an anchor for every cause', async (code) => {
    const { url } = await served()
    const { body, headers } = await send(url, `/errors/${code}`, { headers: html })
    for (const { id } of catalog[code].causes) expect(body.split(`id="${id}"`), id).toHaveLength(2)
    const anchors = [...body.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)
    for (const [, target = ''] of body.matchAll(/href="#([^"]*)"/g)) expect(anchors).toContain(target)
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-/)
    expect(body).not.toMatch(/<script|<!--|style=|undefined@/)
    expect(body.match(/<h1/g)).toHaveLength(1)
  })

  it('link to pages that are there', async () => {
    const { url } = await served()
    const seen = new Map<string, number>()
    const pages = ['/errors', ...errorCodes.map((code) => `/errors/${code}`)]
    for (const path of [...pages, ...Object.values(catalog).map(({ runbook }) => `/runbooks/${runbook}`)]) {
      const { body, status } = await send(url, path, { headers: html })
      expect([path, status]).toEqual([path, 200])
      for (const [, href = ''] of body.matchAll(/href="(\/[^"#]*)/g)) {
        const target = href.replaceAll('&#38;', '&')
        if (!seen.has(target)) seen.set(target, (await send(url, target, { headers: html })).status)
        expect([path, target, seen.get(target)]).toEqual([path, target, 200])
      }
    }
    expect(seen.size).toBeGreaterThan(26)
  })

  it('need no token', async () => {
    const { url, engine } = await served()
    await engine.tokens.create('somebody', ['admin'])
    for (const path of [
      '/errors',
      '/errors/S3_ERROR',
      '/api/errors',
      '/api/errors/S3_ERROR',
      '/runbooks/s3-error',
    ])
      expect([path, (await send(url, path)).status]).toEqual([path, 200])
    expect((await send(url, '/api/diagnose', { method: 'POST', body: 'SlowDown' })).status).toBe(401)
  })

  it('search by a form that needs no script, and show what was asked for as it was typed', async () => {
    const { url } = await served()
    const { body } = await send(url, `/errors?q=${encodeURIComponent('"><script>alert(1)</script>')}`, {
      headers: html,
    })
    expect(body).toContain('value="&#34;&#62;&#60;script&#62;alert(1)&#60;/script&#62;"')
    expect(body).not.toContain('<script')
    expect(body).toContain('<form method="get" action="/errors" role="search"')
    for (const [, id] of body.matchAll(/<(?:input|select)[^>]* id="([^"]+)"/g))
      expect(body).toContain(`<label for="${id}">`)
    // What a browser sends for a form of which only the words were filled in.
    const asked = await send(url, '/errors?q=SlowDown&category=&severity=&retry=&fixable=', { headers: html })
    expect(asked.body).toContain('#throttled')
  })
})

describe('the catalog as JSON', () => {
  const items = async (query: string) => {
    const { url } = await served()
    return (await send(url, `/api/errors${query}`)).json().items
  }

  it('lists the codes where nothing is asked for', async () => {
    expect((await items('')).map(({ code }: { code: string }) => code)).toEqual(errorCodes)
  })

  it.each([
    ['?q=SlowDown', { cause: 'throttled' }],
    ['?q=23505', { cause: 'unique-violation' }],
    ['?q=ECONNREFUSED', { cause: 'connection-refused' }],
    ['?q=S3_UPLOAD_FAILED', { code: 'S3_UPLOAD_FAILED' }],
    ['?q=s3%20uplod', { code: 'S3_UPLOAD_FAILED' }],
    ['?q=DuplicateModelError', { code: 'DUPLICATE_MODEL' }],
  ])('finds %s first', async (query, first) => {
    expect((await items(query))[0]).toMatchObject(first)
  })

  it.each([
    ['category', 'Database'],
    ['severity', 'Low'],
    ['retry', 'never'],
  ])('keeps to a %s', async (facet, value) => {
    const found = await items(`?${facet}=${value}`)
    expect(found.length).toBeGreaterThan(0)
    for (const item of found) expect(item).toMatchObject({ [facet]: value })
  })

  it('refuses a facet that is none, and says which there are', async () => {
    const { url } = await served()
    const answer = await send(url, '/api/errors?severity=Awful')
    expect(answer.status).toBe(422)
    expect(answer.body).toContain('Critical')
  })

  it('has a code with everything that its causes say, by either address', async () => {
    const { url } = await served()
    const one = (await send(url, '/api/errors/DUPLICATE_MODEL')).json()
    expect(one).toEqual((await send(url, '/errors/DUPLICATE_MODEL')).json())
    expect(one.causes[0]).toMatchObject({ id: 'version-exists', steps: expect.any(Array) })
    const { status, body } = await send(url, '/api/errors/DUPLICATE_MODLE')
    expect({ status, body }).toEqual({
      status: 404,
      body: expect.stringContaining('Did you mean DUPLICATE_MODEL'),
    })
  })

  it('has the runbooks, as Markdown for whoever does not ask for HTML', async () => {
    const { url } = await served()
    expect((await send(url, '/runbooks/duplicate-model')).body).toMatch(/^# DUPLICATE_MODEL/)
    expect((await send(url, '/runbooks/..%2F..%2Fpackage.json')).status).toBe(404)
  })
})
