import { describe, expect, it } from 'vitest'
import { hostNotFound } from '../causes/network.js'
import { createError } from '../revive.js'

const textOf = (steps: readonly { readonly text: string }[]) => steps.map(({ text }) => text).join(' ')

describe('DatabaseError', () => {
  it('gives no advice about a store when the host of the database is not found', () => {
    const place = { host: 'db.exmaple.org' }
    const database = { ...place, operation: 'open', database: 'modelry', role: 'ann' }
    expect(textOf(createError('DATABASE_ERROR', database, { reason: hostNotFound }).steps)).not.toContain(
      'store',
    )
    expect(textOf(createError('S3_ERROR', place, { reason: hostNotFound }).steps)).toContain('path style')
  })

  it('speaks of no transaction where none was begun', () => {
    const { message } = createError('DATABASE_ERROR', { operation: 'listModels' }, {})
    expect(message).toContain('Nothing was changed.')
    expect(message).not.toContain('transaction')
  })
})
