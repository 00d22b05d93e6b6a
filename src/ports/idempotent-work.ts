import type { Sha256 } from '../domain/sha256.js'

/** One run of the work that a key stands for; whoever took the key over is another. */
export interface IdempotentWork {
  readonly key: string
  readonly owner: string
}

export interface IdempotentRequest extends IdempotentWork {
  /** SHA-256 of what is asked, so that a key is not used for two different requests. */
  readonly fingerprint: Sha256
  readonly leaseMs: number
  readonly keepMs: number
}

export type IdempotentAnswer =
  | { readonly is: 'new' }
  | { readonly is: 'in-progress' }
  | { readonly is: 'mismatch' }
  | { readonly is: 'done'; readonly status: number; readonly body: string }
