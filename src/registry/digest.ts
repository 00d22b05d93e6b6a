import { createHash } from 'node:crypto'
import type { ModelFile } from '../domain/model-record.js'
import { isSha256, type Sha256 } from '../domain/sha256.js'

/**
 * SHA-256 over one line a file, `<sha256> <size> <path>\n`, in the byte order of the paths. Equal for equal content,
 * wherever it is stored.
 */
export function digestOf(files: readonly Pick<ModelFile, 'path' | 'size' | 'sha256'>[]): Sha256 {
  const lines = files.map(({ path, size, sha256 }) => ({ path, line: `${sha256} ${size} ${path}\n` }))
  lines.sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)))
  const hash = createHash('sha256')
  for (const { line } of lines) hash.update(line)
  return sha256Of(hash.digest('hex'))
}

export function sha256Of(hex: string): Sha256 {
  if (!isSha256(hex)) throw new TypeError(`${hex} is not a SHA-256 digest in lower-case hexadecimal`)
  return hex
}
