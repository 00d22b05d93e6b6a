import { describe, expect, it } from 'vitest'
import { isLoopback, isLoopbackHost, originOf } from './loopback.js'

describe('isLoopback', () => {
  it.each(['127.0.0.1', '127.8.9.10', 'localhost', 'LOCALHOST', '::1', '[::1]'])('holds for %s', (host) => {
    expect(isLoopback(host)).toBe(true)
  })

  it.each([
    '0.0.0.0',
    '::',
    '10.0.0.1',
    'example.com',
    'localhost.example.com',
    '127.0.0.1.example.com',
    '127.1',
    '',
  ])('does not hold for %j', (host) => {
    expect(isLoopback(host)).toBe(false)
  })
})

describe('isLoopbackHost', () => {
  const here = ['localhost:7878', 'localhost', '[::1]:7878', '127.0.0.1:1']
  const elsewhere = [
    '',
    'a:b:c',
    'example.com:80',
    'localhost.example.com',
    '127.0.0.1:1:2',
    '[::1',
    '0.0.0.0:80',
  ]

  it('tells this machine from others, whatever was asked before', () => {
    for (const local of here)
      for (const foreign of elsewhere)
        expect([foreign, foreign, local, local, foreign].map(isLoopbackHost)).toEqual([
          false,
          false,
          true,
          true,
          false,
        ])
  })
})

describe('originOf', () => {
  it('puts an IPv6 address into brackets', () => {
    expect(originOf('::1', 80)).toBe('http://[::1]:80')
    expect(originOf('127.0.0.1', 7878)).toBe('http://127.0.0.1:7878')
  })
})
