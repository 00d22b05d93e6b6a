import { invalidRange } from '../../../errors/causes/objects.js'
import type { ByteRange } from '../../../ports/artifact-store.js'
import { Refusal } from '../refusal.js'

/** Whether the range means bytes at all, whatever the object. */
export function isWellFormed({ start, end }: ByteRange): boolean {
  if (!Number.isSafeInteger(start) || start < 0) return false
  return end === undefined || (Number.isSafeInteger(end) && end > start)
}

/** `Range` of a request (RFC 9110, 14.1.2); its last byte is part of it. */
export function rangeHeader({ start, end }: ByteRange): string {
  return `bytes=${start}-${end === undefined ? '' : end - 1}`
}

/** The first byte and the whole size that `Content-Range` tells (RFC 9110, 14.4). */
export function parseContentRange(text: string | undefined): { start: number; size: number } | undefined {
  const match = /^bytes (\d{1,16})-\d{1,16}\/(\d{1,16})$/.exec(text ?? '')
  return match === null ? undefined : { start: Number(match[1]), size: Number(match[2]) }
}

/** An empty object has the range from 0. @throws Refusal for any other that does not hold a byte of it. */
export function refuseRange({ start, end }: ByteRange, size: number): void {
  if (size === 0 && start === 0 && (end === undefined || end >= 0)) return
  throw new Refusal(invalidRange, { expected: size, actual: `${start}-${end ?? ''}` })
}
