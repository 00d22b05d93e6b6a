import { describe, expect, it } from 'vitest'
import { connectRegistry } from '../../client/connect-registry.js'
import { S3Error } from '../../errors/s3-error/error.js'
import { metadata } from '../testing/saved.js'
import { send } from '../testing/send.js'
import { served } from '../testing/served.js'

describe('GET /api/scan', () => {
  it('gives one finding a line', async () => {
    const { url } = await served()
    for (const version of ['1.0.0', '2.0.0'])
      await send(url, '/api/saves', {
        method: 'POST',
        json: { metadata: { ...metadata, version }, files: ['a'] },
      })
    const answer = await send(url, '/api/scan')
    expect(answer.headers['content-type']).toBe('application/x-ndjson')
    const lines = answer.body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines.map(({ is, version }) => [is, version])).toEqual([
      ['unfinished-save', '1.0.0'],
      ['unfinished-save', '2.0.0'],
    ])
  })

  it('ends with the problem when it fails on its way, and the client raises it', async () => {
    const { url, engine } = await served()
    Object.assign(engine.registry, {
      scan: async function* () {
        yield { is: 'unfinished-save', modelId: 'm' }
        throw new S3Error({ operation: 'list' })
      },
    })
    const lines = (await send(url, '/api/scan')).body.trimEnd().split('\n')
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({
      problem: { code: 'S3_ERROR', type: `${url}/errors/S3_ERROR` },
    })
    const found: string[] = []
    const scanning = (async () => {
      for await (const { is } of connectRegistry({ url }).scan()) found.push(is)
    })()
    await expect(scanning).rejects.toBeInstanceOf(S3Error)
    expect(found).toEqual(['unfinished-save'])
  })
})
