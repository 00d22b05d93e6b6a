import type { ErrorCode } from '../../errors/entry.js'
import type { Side } from './markers.js'
import type { Operation } from './operations.js'

/**
 * How a code stands in the text, which says how much it proves.
 *
 * - `field`: as the value of a field that holds codes (`code: 'ENOSPC'`, `<Code>`, `SQLSTATE`), or in the sentence of
 *   botocore that names it.
 * - `head`: as the name in front of a message (`NoSuchKey: …`).
 * - `bracketed`: alone between brackets.
 * - `bare`: anywhere else.
 */
export type Standing = 'field' | 'head' | 'bracketed' | 'bare'

/** One thing that a text says, at its place. */
export interface Fact {
  /** How evidence asks for it: `sdk:NoSuchKey`, `errno:ENOENT`, `sqlstate:23505`, `status:404`, `wording:…`. */
  readonly key: string
  readonly start: number
  readonly end: number
  /** From 0 to 1: how likely the failure is that of a registry whose text says this and nothing else. */
  readonly weight: number
}

/** A word that tells what was wanted. A call of S3 says it more exactly than a sentence. */
export interface OperationFact {
  readonly operation: Operation
  readonly call: string | undefined
  readonly start: number
  readonly end: number
}

/** Everything that the rules look at. Places are those of the text as it was given. */
export interface Reading {
  readonly text: string
  /** Facts by key, each list in the order of the text. */
  readonly facts: ReadonlyMap<string, readonly Fact[]>
  readonly operations: readonly OperationFact[]
  readonly registryCodes: readonly {
    readonly code: ErrorCode
    readonly start: number
    readonly end: number
  }[]
  /** How much the text is about each side. */
  readonly about: Readonly<Record<Side, number>>
}
