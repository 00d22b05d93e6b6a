import { describe, expect, it } from 'vitest'
import { catalog, causesById } from '../errors/catalog.js'
import { errorCodes } from '../errors/entry.js'
import { searchCatalog } from './search-catalog.js'

const first = (query: string) => {
  const [item] = searchCatalog(query)
  return item === undefined ? undefined : item.cause === undefined ? item.code : item.cause
}

describe('searchCatalog', () => {
  it('gives every code where nothing is asked for', () => {
    expect(searchCatalog('').map(({ code }) => code)).toEqual([...errorCodes])
  })

  it.each(errorCodes)('finds %s by its code and by its class', (code) => {
    expect(searchCatalog(code)[0]).toMatchObject({ code, title: catalog[code].title })
    expect(searchCatalog(code)[0]).not.toHaveProperty('cause')
    expect(searchCatalog(catalog[code].className)[0]?.code).toBe(code)
    expect(searchCatalog(code.toLowerCase())[0]?.code).toBe(code)
  })

  it('finds every cause by its id, alone and with each of its codes', () => {
    for (const id of causesById.keys())
      expect(
        searchCatalog(id)
          .slice(0, 16)
          .map(({ cause }) => cause),
        id,
      ).toContain(id)
    expect(searchCatalog('S3_UPLOAD_FAILED/access-denied')[0]).toMatchObject({
      code: 'S3_UPLOAD_FAILED',
      cause: 'access-denied',
    })
    expect(searchCatalog('DATABASE_ERROR deadlock')[0]).toMatchObject({
      code: 'DATABASE_ERROR',
      cause: 'deadlock',
    })
  })

  it.each([
    ['SlowDown', 'throttled'],
    ['slowdown', 'throttled'],
    ['23505', 'unique-violation'],
    ['ECONNREFUSED', 'connection-refused'],
    ['PGRST301', 'jwt-expired'],
    ['P2002', 'unique-violation'],
    ['CERT_HAS_EXPIRED', 'tls-expired'],
    ['EntityTooLarge', 'too-large'],
    ['57P01', 'terminated-by-administrator'],
  ])('finds what another system calls %s', (query, cause) => {
    expect(first(query)).toBe(cause)
  })

  it.each([
    ['s3 uplod', 'S3_UPLOAD_FAILED'],
    ['deploymnet', 'DEPLOYMENT_FAILED'],
    ['conection refused', 'connection-refused'],
    ['certficate expired', 'tls-expired'],
    ['bucket polcy', 'denied-by-bucket-policy'],
    ['ECONREFUSED', 'connection-refused'],
    ['circut breaker', 'breaker-open'],
    ['slwdown', 'throttled'],
    ['uplod denid', 'access-denied'],
    ['econrefused', 'connection-refused'],
  ])('forgives the typing error in %s', (query, found) => {
    expect(
      searchCatalog(query)
        .slice(0, 3)
        .flatMap(({ code, cause }) => [code, cause]),
    ).toContain(found)
  })

  it.each([
    ['econn', /connection-re/],
    ['disk fu', /disk-full/],
    ['pgrst', /schema-cache|postgrest|jwt|api-key|pool|database-unreachable|row-count/],
  ])('takes %s as the beginning of a word', (query, found) => {
    expect(first(query)).toMatch(found)
  })

  it('finds by the words of messages, and by most of them where not all fit', () => {
    expect(first('password authentication failed')).toBe('authentication-failed')
    expect(first('doppelter Schlüsselwert')).toBe('unique-violation')
    expect(first('certificate expired yesterday evening')).toBe('tls-expired')
  })

  it('keeps what the facets ask for', () => {
    const kept = searchCatalog('disk', { category: 'Database', retry: 'after-fix', fixable: false })
    expect(kept.length).toBeGreaterThan(0)
    for (const item of kept)
      expect(item).toMatchObject({ category: 'Database', retry: 'after-fix', fixable: false })
    expect(searchCatalog('', { severity: 'Low' }).map(({ code }) => code)).toEqual(['DUPLICATE_MODEL'])
    expect(searchCatalog('disk', { category: 'Versioning' })).toEqual([])
  })

  it.each(['zzzzqqqq', '☃', '  ', '/', 'x'.repeat(100_000), '((((', 'constructor', '__proto__'])(
    'answers to %s',
    (query) => {
      expect(Array.isArray(searchCatalog(query.slice(0, 200)))).toBe(true)
    },
  )
})
