import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { digestField, sha256OfDigestField } from './digest-fields.js'

const hex = createHash('sha256').update('hello').digest('hex')
const base64 = createHash('sha256').update('hello').digest('base64')

describe('digestField', () => {
  it('writes a sha256 as RFC 9530 wants it', () => {
    // The example of RFC 9530, section 2: the body {"hello": "world"} followed by a line feed.
    const example = createHash('sha256').update('{"hello": "world"}\n').digest('hex')
    expect(digestField(example)).toBe('sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:')
  })

  it('is read back as the same', () => {
    expect(sha256OfDigestField(digestField(hex))).toBe(hex)
  })
})

describe('sha256OfDigestField', () => {
  it.each([
    ['beside algorithms that are not known', `md5=:CY9rzUYh03PK3k6DJie09g==:, sha-256=:${base64}:`],
    ['with parameters and spaces', ` sha-256 = :${base64}:;x=1 `],
    ['named in capitals', `SHA-256=:${base64}:`],
    ['named twice, where the last one counts', `sha-256=:${'A'.repeat(43)}=:, sha-256=:${base64}:`],
  ])('finds the digest %s', (_how, field) => {
    expect(sha256OfDigestField(field)).toBe(hex)
  })

  it.each([
    ['too short', 'sha-256=:AAAA:'],
    ['hexadecimal', `sha-256=:${hex}:`],
    ['a string', `sha-256="${base64}"`],
    ['empty', 'sha-256='],
  ])('says that a digest is malformed when it is %s', (_how, field) => {
    expect(sha256OfDigestField(field)).toBe('malformed')
  })

  it('is undefined when there is no sha-256', () => {
    expect(sha256OfDigestField('sha-512=:AAAA:')).toBeUndefined()
    expect(sha256OfDigestField('')).toBeUndefined()
  })
})
