import type { ModelPart } from '../sources/model-source.js'
import type { TransferProgress } from './registry.js'

/** Adds up the bytes of files that are on their way at once. */
export function createTransferMeter(
  parts: readonly ModelPart[],
  onProgress: ((progress: TransferProgress) => void) | undefined,
) {
  const sizes = parts.map((part) => (part.is === 'bytes' ? part.size : undefined))
  const known = sizes.every((size) => size !== undefined)
  const totalBytes = known ? sizes.reduce((sum: number, size) => sum + (size ?? 0), 0) : undefined
  const done = new Map<string, number>()
  let bytes = 0
  return {
    /** @param fileBytes - of this file so far. */
    report(file: string, fileBytes: number): void {
      bytes += fileBytes - (done.get(file) ?? 0)
      done.set(file, fileBytes)
      onProgress?.({ bytes, file, ...(totalBytes === undefined ? {} : { totalBytes }) })
    },
  }
}
