import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import type { S3Address } from '../domain/s3-address.js'
import type { NameRow, TokenRow, TransferRow } from '../domain/transfer-row.js'
import { transferRowSchema } from '../domain/transfer-row.js'
import { checksumMismatch } from '../errors/causes/objects.js'
import { S3DownloadError } from '../errors/s3-download-failed/error.js'
import type { Bytes } from '../ports/artifact-store.js'
import { type ExportPlace, inPlace, type Manifest } from './export-place.js'
import { bytesOf } from './stored-bytes.js'

/** Bytes read at once. */
const CHUNK = 1024 * 1024
/** Bytes written at once. */
const PIECE = 64 * 1024
const NEWLINE = 0x0a
/** How the line of a name's first row begins, and that of a token: the kind comes first in every line. */
const MODEL_LINE = '{"row":"model",'
const TOKEN_LINE = '{"row":"token",'

interface Line {
  readonly text: string
  /** Where it begins in the file, and where the next one does. */
  readonly start: number
  readonly end: number
}

/** A part of the rows: those of one name, which can be read as often as they are needed, or a token. */
export type RowGroup =
  | { readonly is: 'name'; readonly rows: () => AsyncGenerator<NameRow> }
  | { readonly is: 'token'; readonly row: TokenRow }

/** One row a line, as JSON. */
export async function* encodeRows(
  rows: AsyncIterable<TransferRow>,
  onRow: (row: TransferRow) => void,
): Bytes & AsyncGenerator<Uint8Array> {
  let lines: string[] = []
  let length = 0
  for await (const row of rows) {
    onRow(row)
    const line = `${JSON.stringify(row)}\n`
    lines.push(line)
    length += line.length
    if (length < PIECE) continue
    yield new TextEncoder().encode(lines.join(''))
    ;[lines, length] = [[], 0]
  }
  if (length > 0) yield new TextEncoder().encode(lines.join(''))
}

/**
 * The rows of an export. It is read by ranges, of which two are kept: so nothing stays open while files are copied, and
 * names whose rows lie close together cost one request to the store.
 */
export class RowsFile {
  readonly #place: ExportPlace
  readonly #address: S3Address
  readonly #key: string
  readonly #size: number
  readonly #sha256: string
  readonly #signal: AbortSignal | undefined
  readonly #kept = new Map<number, Promise<Uint8Array>>()

  constructor(place: ExportPlace, { key, size, sha256 }: Manifest['rows'], signal: AbortSignal | undefined) {
    this.#place = place
    this.#key = key
    this.#address = inPlace(place, key)
    this.#size = size
    this.#sha256 = sha256
    this.#signal = signal
  }

  /** @throws S3DownloadError with reason `checksum-mismatch` when a byte is not as it was written. */
  async verify(): Promise<void> {
    const hash = createHash('sha256')
    const stored = await this.#place.store.stat(this.#address)
    for (let at = 0; stored?.size === this.#size && at < this.#size; at += CHUNK)
      hash.update(await this.#chunk(at / CHUNK))
    const actual = hash.digest('hex')
    if (actual === this.#sha256) return
    throw this.differs(this.#sha256, stored?.size === this.#size ? actual : `${stored?.size ?? 0} bytes`)
  }

  /** The error for rows that are not what they should be. */
  differs(expected: string, actual: string): S3DownloadError {
    return new S3DownloadError(
      { operation: 'importRegistry', s3Path: this.#address, file: this.#key, expected, actual },
      { reason: checksumMismatch },
    )
  }

  async *rows(from = 0, to = this.#size): AsyncGenerator<TransferRow> {
    for await (const { text } of this.#lines(from, to)) yield this.#parse(text)
  }

  async *groups(): AsyncGenerator<RowGroup> {
    let start: number | undefined
    const until = (end: number): RowGroup[] => {
      if (start === undefined) return []
      const from = start
      return [{ is: 'name', rows: () => this.#nameRows(from, end) }]
    }
    for await (const line of this.#lines(0, this.#size)) {
      if (line.text.startsWith(MODEL_LINE)) {
        yield* until(line.start)
        start = line.start
      } else if (line.text.startsWith(TOKEN_LINE)) {
        yield* until(line.start)
        start = undefined
        const row = this.#parse(line.text)
        if (row.row === 'token') yield { is: 'token', row }
      }
    }
    yield* until(this.#size)
  }

  async *#nameRows(from: number, to: number): AsyncGenerator<NameRow> {
    for await (const row of this.rows(from, to)) if (row.row !== 'token') yield row
  }

  async *#lines(from: number, to: number): AsyncGenerator<Line> {
    let start = from
    let parts: Uint8Array[] = []
    for (let at = from; at < to; ) {
      const index = Math.floor(at / CHUNK)
      const chunk = await this.#chunk(index)
      // Stores on this machine answer at once, so that nothing else would get its turn.
      await setImmediate()
      const base = index * CHUNK
      const last = Math.min(to - base, chunk.length)
      for (let offset = at - base; offset < last; ) {
        const found = chunk.indexOf(NEWLINE, offset)
        const end = found < 0 || found >= last ? last : found + 1
        parts.push(chunk.subarray(offset, end))
        offset = end
        if (found < 0 || found >= last) continue
        yield { text: textOf(parts), start, end: base + end }
        ;[parts, start] = [[], base + end]
      }
      at = base + last
      // A file that became shorter is found by whoever counts.
      if (chunk.length === 0) return
    }
  }

  #chunk(index: number): Promise<Uint8Array> {
    const kept = this.#kept.get(index)
    if (kept !== undefined) return kept
    for (const [oldest] of this.#kept) if (this.#kept.size > 1) this.#kept.delete(oldest)
    const range = { start: index * CHUNK, end: Math.min((index + 1) * CHUNK, this.#size) }
    const signal = this.#signal === undefined ? {} : { signal: this.#signal }
    const chunk = bytesOf(this.#place.store, this.#address, { range, ...signal })
    this.#kept.set(index, chunk)
    chunk.catch(() => this.#kept.delete(index))
    return chunk
  }

  #parse(text: string): TransferRow {
    const row = transferRowSchema.safeParse(JSON.parse(text))
    if (row.success) return row.data
    const problem = row.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
    throw this.differs('a row as the format describes it', `${text.trim().slice(0, 200)} (${problem})`)
  }
}

/** Most lines lie in one piece, which is then not copied. */
function textOf(parts: readonly Uint8Array[]): string {
  const [first, second] = parts
  if (first === undefined || second !== undefined) return Buffer.concat(parts).toString()
  return Buffer.from(first.buffer, first.byteOffset, first.byteLength).toString()
}
