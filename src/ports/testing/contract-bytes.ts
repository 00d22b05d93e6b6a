import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { isSha256, type Sha256 } from '../../domain/sha256.js'
import { isModelRegistryError } from '../../errors/model-registry-error.js'
import type { Bytes } from '../artifact-store.js'

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

export function sha256Of(content: Uint8Array): Sha256 {
  const digest = createHash('sha256').update(content).digest('hex')
  if (!isSha256(digest)) throw new TypeError('not a digest')
  return digest
}

/** The pieces, one after another. */
export async function* bytes(...pieces: readonly (Uint8Array | string)[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield typeof piece === 'string' ? utf8(piece) : piece
}

/** `size` bytes that repeat no short pattern, so that a piece in the wrong place is seen. */
export function patterned(size: number, seed = 1): Uint8Array {
  const content = new Uint8Array(size)
  let state = seed
  for (let i = 0; i < size; i++) {
    // Numerical Recipes, "quick and dirty" linear congruential generator.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    content[i] = state >>> 24
  }
  return content
}

export async function* inPieces(content: Uint8Array, pieceSize: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += pieceSize) yield content.subarray(at, at + pieceSize)
}

/** A source that gives `first`, then nothing until `go()`, then `rest`. It tells what became of it. */
export function heldSource(first: string, rest = '') {
  const gate = Promise.withResolvers<void>()
  const waiting = Promise.withResolvers<void>()
  async function* content() {
    yield utf8(first)
    waiting.resolve()
    await gate.promise
    if (rest !== '') yield utf8(rest)
  }
  return { content: content(), go: gate.resolve, waiting: waiting.promise }
}

/** A source that never ends, and tells whether it was released. */
export function endlessSource() {
  const state = { pieces: 0, released: false }
  const content: Bytes = {
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        state.pieces += 1
        return { done: false, value: utf8('0123456789') }
      },
      return: async () => {
        state.released = true
        return { done: true, value: undefined }
      },
    }),
  }
  return { content, state }
}

export async function readAll(content: Bytes): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  for await (const piece of content) pieces.push(piece)
  return Buffer.concat(pieces)
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

/** What the operation failed with: the class's name, the cause's id and the facts. */
export async function failureOf(operation: Promise<unknown>) {
  const error = await operation.then(
    () => {
      throw new Error('the operation succeeded where it should fail')
    },
    (caught: unknown) => caught,
  )
  if (!isModelRegistryError(error)) throw error
  const { name, context, cause, outcome, leftovers } = error
  return { name, reason: error.reason.id, context, cause, outcome, leftovers }
}

/** How many files and sockets this process has open; undefined where the system does not tell. */
export async function openDescriptors(): Promise<number | undefined> {
  try {
    return (await readdir('/proc/self/fd')).length
  } catch {
    return undefined
  }
}
