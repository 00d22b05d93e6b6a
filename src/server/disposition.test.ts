import { describe, expect, it } from 'vitest'
import { dispositionOf } from './disposition.js'

describe('dispositionOf', () => {
  it.each([
    ['model.json', 'attachment; filename="model.json"'],
    ['weights/w.bin', 'attachment; filename="w.bin"'],
    ['a b.bin', 'attachment; filename="a b.bin"'],
    ['größe.bin', `attachment; filename="gr__e.bin"; filename*=UTF-8''gr%C3%B6%C3%9Fe.bin`],
    ["it's (1).bin", `attachment; filename="it's (1).bin"`],
    ['50%.bin', `attachment; filename="50_.bin"; filename*=UTF-8''50%25.bin`],
    ["ü'(1)*.bin", `attachment; filename="_'(1)*.bin"; filename*=UTF-8''%C3%BC%27%281%29%2A.bin`],
  ])('names %s', (path, field) => {
    expect(dispositionOf(path)).toBe(field)
  })
})
