import type { ModelFile } from '../domain/model-record.js'

/** So that what somebody removes behind the registry's back is noticed some time. */
const KEEP_MS = 10 * 60_000
/** About two megabytes of addresses. */
const KEEP_AT_MOST = 10_000

type File = Pick<ModelFile, 'address' | 'size'>

/**
 * Files that were found in the store with their size. A file is written once and never changed, so that a store which is
 * a round trip away need not be asked each time; for ten minutes, and of at most 10,000 files.
 */
export class SeenFiles {
  readonly #now: () => number
  /** When each was seen, by its address; the one that was seen longest ago comes first. */
  readonly #seen = new Map<File['address'], { readonly size: number; readonly at: number }>()

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  has({ address, size }: File): boolean {
    const seen = this.#seen.get(address)
    return seen !== undefined && seen.size === size && this.#now() - seen.at < KEEP_MS
  }

  add({ address, size }: File): void {
    this.#seen.delete(address)
    this.#seen.set(address, { size, at: this.#now() })
    const [oldest] = this.#seen.keys()
    if (this.#seen.size > KEEP_AT_MOST && oldest !== undefined) this.#seen.delete(oldest)
  }

  forget({ address }: Pick<File, 'address'>): void {
    this.#seen.delete(address)
  }
}
