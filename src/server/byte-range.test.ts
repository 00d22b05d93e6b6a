import { describe, expect, it } from 'vitest'
import { partOf } from './byte-range.js'

describe('partOf', () => {
  it.each([
    ['bytes=0-0', { start: 0, end: 1 }],
    ['bytes=2-4', { start: 2, end: 5 }],
    ['bytes=2-', { start: 2, end: 10 }],
    ['bytes=2-99', { start: 2, end: 10 }],
    ['bytes=-3', { start: 7, end: 10 }],
    ['bytes=-99', { start: 0, end: 10 }],
    ['Bytes= 9-9 ', { start: 9, end: 10 }],
  ])('reads %s of ten bytes', (field, part) => {
    expect(partOf(field, 10)).toEqual(part)
  })

  it.each([
    undefined,
    '',
    'bytes',
    'bytes=',
    'bytes=-',
    'bytes=a-b',
    'bytes=4-2',
    'lines=0-1',
    'bytes=0-1,4-5',
    'bytes=--1',
  ])('takes %j for no range', (field) => {
    expect(partOf(field, 10)).toBe('whole')
  })

  it.each([
    ['bytes=10-', 10],
    ['bytes=99-100', 10],
    ['bytes=-0', 10],
    ['bytes=0-', 0],
    ['bytes=-1', 0],
    ['bytes=99999999999999999999-', 10],
  ])('cannot satisfy %s of %d bytes', (field, size) => {
    expect(partOf(field, size)).toBe('unsatisfiable')
  })
})
