import { describe, expect, it } from 'vitest'
import { send } from '../testing/send.js'
import { served } from '../testing/served.js'

const pasted =
  'SlowDown: Please reduce your request rate.\n    at S3Client.send\n  "$metadata": { httpStatusCode: 503 }'

describe('POST /api/diagnose', () => {
  const ask = async (sent: Parameters<typeof send>[2], path = '/api/diagnose') => {
    const { url } = await served()
    return send(url, path, { method: 'POST', ...sent })
  }

  it('finds the cause in a text, whichever type it is sent as', async () => {
    for (const type of ['text/plain', 'application/octet-stream', 'application/json']) {
      const answer = await ask({ body: pasted, headers: { 'content-type': type } })
      expect(answer.json()).toMatchObject({ cause: 'throttled', retry: { advice: 'safe' } })
    }
  })

  it('takes the text with the operation as JSON, or the operation in the address', async () => {
    const one = await ask({ json: { text: pasted, operation: 'upload' } })
    const other = await ask({ body: pasted }, '/api/diagnose?operation=upload')
    expect(one.json()).toMatchObject({ code: 'S3_UPLOAD_FAILED', cause: 'throttled' })
    expect(other.json()).toEqual(one.json())
  })

  it('takes an error as JSON as it is', async () => {
    const answer = await ask({
      json: {
        name: 'Error',
        code: 'ECONNREFUSED',
        message: 'connect ECONNREFUSED 10.0.0.1:5432',
        syscall: 'connect',
      },
    })
    expect(answer.json()).toMatchObject({ cause: 'connection-refused' })
  })

  it('says that it found nothing, with null for code and cause', async () => {
    const answer = await ask({ body: 'The weather is fine today.' })
    expect(answer.status).toBe(200)
    expect(answer.json()).toMatchObject({ code: null, cause: null, runbook: null, fix: null })
    expect((await ask({ body: '' })).json()).toMatchObject({ code: null })
  })

  it('gives nothing secret back', async () => {
    const answer = await ask({
      body: `${pasted}\nAWS_SECRET_ACCESS_KEY=wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY1 AKIAIOSFODNN7EXAMPLE`,
    })
    expect(answer.body).not.toMatch(/wJalrXUtn|AKIAIOSFODNN7EXAMPLE/)
  })

  it('takes 10 MiB and refuses more', async () => {
    expect((await ask({ body: 'x'.repeat(10 * 1024 * 1024) })).status).toBe(200)
    const refused = await ask({ body: 'x'.repeat(10 * 1024 * 1024 + 1) })
    expect(refused.json()).toMatchObject({ status: 413, cause: 'body-too-large' })
  })

  it('refuses an operation that is none', async () => {
    expect((await ask({ body: pasted }, '/api/diagnose?operation=sing')).status).toBe(422)
  })
})
