import type { TfjsWeightSpec } from './artifacts.js'

/** Bytes of one element, as stored: tfjs-core `DTYPE_VALUE_SIZE_MAP`. */
const BYTES = { float32: 4, float16: 2, int32: 4, uint16: 2, uint8: 1, bool: 1, complex64: 8 } as const

/** How many bytes the weights take; undefined where a string is among them, whose length only the data tells. */
export function weightBytes(specs: readonly TfjsWeightSpec[]): number | undefined {
  let total = 0
  for (const { dtype, shape, quantization } of specs) {
    if (dtype === 'string') return undefined
    const elements = shape.reduce((product, size) => product * size, 1)
    total += elements * BYTES[quantization?.dtype ?? dtype]
  }
  return total
}
