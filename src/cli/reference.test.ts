import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cliReference } from './reference.testing.js'

describe('docs/cli.md', () => {
  it('is what the commands declare', async () => {
    await expect(await cliReference()).toMatchFileSnapshot(join(import.meta.dirname, '../../docs/cli.md'))
  })
})
