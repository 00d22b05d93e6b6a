import type { S3Address } from '../domain/s3-address.js'
import type { Save } from '../ports/metadata-store.js'
import type { RegistryDeps } from './deps.js'

/** After the end of a lease, so that a renewal which came at the last moment is seen. */
const AFTERWARDS_MS = 500

interface Begun {
  readonly address: S3Address
  readonly uploadId: string
}

/**
 * Ends the uploads of those who went away: once the lease of their save has ended, nobody can complete them, and the
 * store would keep their parts for good. What another process began and did not live to end is found as well, by the
 * save's id in its address; at an address of the caller's own, somebody else's uploads could not be told from it.
 */
export class AbandonedUploads {
  readonly #deps: RegistryDeps
  readonly #begun = new Map<string, Begun[]>()
  #timer: NodeJS.Timeout | undefined

  constructor(deps: RegistryDeps) {
    this.#deps = deps
  }

  watch(saveId: string, upload: Begun): void {
    this.#begun.set(saveId, [...(this.#begun.get(saveId) ?? []), upload])
    this.#lookLater()
  }

  /** Ends what this process knows of a save, and with its place also what others began. */
  async end({ saveId, s3Path }: Pick<Save, 'saveId' | 's3Path'>): Promise<void> {
    const { direct } = this.#deps.artifacts
    if (direct === undefined) return
    for (const { address, uploadId } of this.#begun.get(saveId) ?? []) await direct.abort(address, uploadId)
    this.#begun.delete(saveId)
    if (s3Path.includes(saveId)) await direct.endUploads(s3Path)
  }

  #lookLater(): void {
    this.#timer ??= setTimeout(() => this.#look(), this.#deps.saveLeaseMs + AFTERWARDS_MS)
    this.#timer.unref()
  }

  async #look(): Promise<void> {
    // The store or the database is away, or closed: what is left is listed by a scan, and ended with the next look.
    await this.#endAll().catch(() => {})
    this.#timer = undefined
    if (this.#begun.size > 0) this.#lookLater()
  }

  async #endAll(): Promise<void> {
    const unfinished = (await this.#deps.metadata.listUnfinished()).filter(({ is }) => is === 'saving')
    const living = new Set<string>()
    for (const save of unfinished) {
      if (save.expiresInMs > 0) living.add(save.saveId)
      else await this.end(save)
    }
    for (const [saveId, uploads] of this.#begun)
      for (const { address } of living.has(saveId) ? [] : uploads.slice(0, 1))
        await this.end({ saveId, s3Path: address })
  }
}
