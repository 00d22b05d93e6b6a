import { describe, expect, it } from 'vitest'
import { DatabaseError } from '../errors/database-error/error.js'
import { engineWith } from '../registry/testing/engine-with.js'
import { createAccess } from './access.js'

describe('createAccess', () => {
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
