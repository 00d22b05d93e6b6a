import { expect, it } from 'vitest'
import { isMediaType } from './media-type.js'

it.each([
  'text/plain',
  'application/vnd.tensorflow+json',
  'text/html; charset=utf-8',
  'multipart/x;boundary="a b;c\\"d"',
  'text/plain;',
])('takes %j', (text) => {
  expect(isMediaType(text)).toBe(true)
})

it.each([
  ...[
    '',
    'text',
    'text/',
    '/plain',
    'text/plain/x',
    'text plain',
    ' text/plain',
    'text/plain\r\nX-Injected: 1',
  ],
  ...['text/plain\n', 'text/😀', 'text/plain; charset="ü"', 'text/plain; charset', `text/${'x'.repeat(251)}`],
  `text/plain${';  '.repeat(80)}=`,
])('refuses %j', (text) => {
  expect(isMediaType(text)).toBe(false)
})
