import { describe, expect, it } from 'vitest'
import { hostName, isLoopback, originOf } from './loopback.js'

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

describe('hostName', () => {
  it.each([
    ['localhost:7878', 'localhost'],
    ['localhost', 'localhost'],
    ['[::1]:7878', '[::1]'],
    ['127.0.0.1:1', '127.0.0.1'],
    ['a:b:c', 'a:b:c'],
  ])('of %s is %s', (header, name) => {
    expect(hostName(header)).toBe(name)
  })
})

describe('originOf', () => {
  it('puts an IPv6 address into brackets', () => {
    expect(originOf('::1', 80)).toBe('http://[::1]:80')
    expect(originOf('127.0.0.1', 7878)).toBe('http://127.0.0.1:7878')
  })
})
