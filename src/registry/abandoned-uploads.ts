import { isAtOrBelow, type S3Address } from '../domain/s3-address.js'
import type { DirectTransfer } from '../ports/direct-transfer.js'
import type { MetadataStore } from '../ports/metadata-store.js'

/** After the end of a lease, so that a renewal which came at the last moment is seen. */
const AFTERWARDS_MS = 500

/** One is sent; others are of requests whose answers were lost. */
const MOST_OF_A_FILE = 4

interface Needs {
  readonly metadata: Pick<MetadataStore, 'listUnfinished'>
  readonly artifacts: { readonly direct?: Pick<DirectTransfer, 'abort'> | undefined }
  readonly saveLeaseMs: number
}

interface Begun {
  readonly address: S3Address
  readonly uploadId: string
}

/**
 * Ends the uploads of those who went away: once the lease of their save has ended, nobody can complete them, and the
 * store would keep their parts for good. Only what this process began is known to be one of these: another upload at the
 * same address may be that of a save which goes on there. What a process leaves that dies is listed by a scan.
 */
export class AbandonedUploads {
  readonly #deps: Needs
  readonly #begun = new Map<string, Begun[]>()
  #timer: NodeJS.Timeout | undefined

  constructor(deps: Needs) {
    this.#deps = deps
  }

  /** Ends the oldest of a file that is begun again and again, whose parts would fill the store. */
  async watch(saveId: string, upload: Begun): Promise<void> {
    const begun = [...(this.#begun.get(saveId) ?? []), upload]
    this.#begun.set(saveId, begun)
    this.#lookLater()
    const [oldest, ...others] = begun.filter(({ address }) => address === upload.address)
    if (oldest === undefined || others.length < MOST_OF_A_FILE) return
    this.#forget(saveId, oldest)
    // It is watched again where it cannot be ended: that is no reason to refuse the new one.
    await this.#deps.artifacts.direct?.abort(oldest.address, oldest.uploadId).catch(() => {
      this.#begun.set(saveId, [oldest, ...(this.#begun.get(saveId) ?? [])])
    })
  }

  #forget(saveId: string, upload: Begun): void {
    this.#begun.set(
      saveId,
      (this.#begun.get(saveId) ?? []).filter((one) => one !== upload),
    )
  }

  /** Ends those of one save. */
  async end(saveId: string): Promise<void> {
    for (const { address, uploadId } of this.#begun.get(saveId) ?? [])
      await this.#deps.artifacts.direct?.abort(address, uploadId)
    this.#begun.delete(saveId)
  }

  #lookLater(): void {
    this.#timer ??= setTimeout(() => this.#look(), this.#deps.saveLeaseMs + AFTERWARDS_MS)
    this.#timer.unref()
  }

  async #look(): Promise<void> {
    // The store or the database is away, or closed: what is left is ended with the next look.
    await this.#endAll().catch(() => {})
    this.#timer = undefined
    if (this.#begun.size > 0) this.#lookLater()
  }

  async #endAll(): Promise<void> {
    const unfinished = await this.#deps.metadata.listUnfinished()
    const living = unfinished.filter((one) => one.expiresInMs > 0)
    for (const [saveId, uploads] of this.#begun) {
      if (living.some((one) => one.saveId === saveId)) continue
      // A save that has taken the version over goes on at the same address, perhaps with this very upload.
      if (uploads.some(({ address }) => living.some(({ s3Path }) => isAtOrBelow(address, s3Path))))
        this.#begun.delete(saveId)
      // One that cannot be ended keeps no other from it.
      else await this.end(saveId).catch(() => {})
    }
  }
}
