import { expect, it } from 'vitest'
import { parseS3Address } from '../domain/s3-address.js'
import type { UnfinishedUpload } from '../ports/artifact-store.js'
import { engineWith } from './testing/engine-with.js'

it('asks the database once for the saves of all uploads', async () => {
  const open: UnfinishedUpload[] = ['a', 'b', 'c'].map((name) => ({
    at: name,
    address: parseS3Address(`s3://models/btc/${name}/w.bin`),
    size: 1,
    touchedAt: new Date(),
  }))
  let asked = 0
  const { uploads } = await engineWith({
    artifacts: () => ({
      async *listUnfinished() {
        yield* open
      },
    }),
    metadata: (real) => ({
      listUnfinished() {
        asked += 1
        return real.listUnfinished()
      },
    }),
  })
  const listed: string[] = []
  for await (const { at } of uploads()) listed.push(at)
  expect(listed).toEqual(['a', 'b', 'c'])
  expect(asked).toBe(1)
})
