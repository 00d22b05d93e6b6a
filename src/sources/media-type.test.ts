import { expect, it } from 'vitest'
import { mediaTypeOf } from './media-type.js'

it.each([
  ['model.json', 'application/json'],
  ['deep/er/LABELS.TXT', 'text/plain; charset=utf-8'],
  ['data.v2.csv', 'text/csv; charset=utf-8'],
  ['arrays.npz', 'application/zip'],
  ['w.onnx', 'application/octet-stream'],
  ['w.safetensors', 'application/octet-stream'],
  ['page.html', 'application/octet-stream'],
  ['json', 'application/octet-stream'],
  ['a.constructor', 'application/octet-stream'],
  ['a.json/b', 'application/octet-stream'],
  ['', 'application/octet-stream'],
])('takes %s for %s', (path, type) => expect(mediaTypeOf(path)).toBe(type))
