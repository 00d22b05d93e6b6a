import { describe, expect, it } from 'vitest'
import { DatabaseError } from '../errors/database-error/error.js'
import { engineWith } from '../registry/testing/engine-with.js'
import { createAccess } from './access.js'

describe('createAccess', () => {
  it('does not open again when the last token is revoked, whoever has used it', async () => {
    const { tokens } = await engineWith()
    const access = createAccess(tokens, true)
    expect(await access.isOpen()).toBe(true)
    const token = await tokens.create('ann', ['admin'])
    access.refresh()
    expect(await access.identify(token)).toMatchObject({ name: 'ann' })
    await tokens.revoke('ann')
    access.refresh()
    expect(access.isKnownOpen()).toBe(false)
    expect(await access.isOpen()).toBe(false)
  })

  it('says that it was the tokens that could not be looked up, and not what the caller asked for', async () => {
    const { tokens, metadata } = await engineWith()
    const access = createAccess(tokens, true)
    await metadata.close()
    for (const asked of [access.isOpen(), access.identify('mr_unknown')]) {
      const failure = await asked.catch((error: unknown) => error)
      if (!(failure instanceof DatabaseError)) throw failure
      expect(failure.reason.id).toBe('store-closed')
      expect(JSON.stringify(failure)).not.toMatch(/listTokens|findToken/)
      expect(failure.message).toMatch(/^The database failed in the look-up of access tokens, because /)
    }
  })
})
