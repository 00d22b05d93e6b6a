import { expect, it } from 'vitest'
import { connectRegistry } from './connect-registry.js'
import { answering } from './faulty-server.testing.js'

it('ends a line that does not end, and the request with it', async () => {
  let written = 0
  const { url, asked } = await answering((_request, response) => {
    const piece = Buffer.alloc(256 * 1024, 0x20)
    const more = () => {
      while (!response.destroyed && response.write(piece)) written += piece.length
      response.once('drain', more)
    }
    more()
  })
  const registry = await connectRegistry({ url })
  const scanned = (async () => {
    for await (const finding of registry.scan()) expect(finding).toBeUndefined()
  })()
  await expect(scanned).rejects.toMatchObject({ code: 'S3_UNAVAILABLE' })
  expect(asked).toHaveLength(1)
  expect(written).toBeLessThan(64 * 1024 * 1024)
})
