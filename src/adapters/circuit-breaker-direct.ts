import type { S3Address } from '../domain/s3-address.js'
import type { AnnouncedPart, DirectTransfer, DirectUpload, SentPart } from '../ports/direct-transfer.js'
import type { Circuit, GuardedCall } from './circuit-breaker-circuit.js'

/** How calls about an address reach its circuit. */
export interface Guard {
  circuitOf(address: S3Address): Circuit
  about(doing: string, address: S3Address): GuardedCall
  /** Shows whether a store that was away is back, where a call of its own would not. */
  tryOut(circuit: Circuit, address: S3Address): Promise<void>
}

/**
 * Direct transfers of a store whose calls the breaker may refuse. Nothing is signed while it is open: whoever asks goes
 * through this process, and hears of it there. What others do with a signed request is not seen and not counted.
 */
export class GuardedDirectTransfer implements DirectTransfer {
  readonly #direct: DirectTransfer
  readonly #guard: Guard

  constructor(direct: DirectTransfer, guard: Guard) {
    this.#direct = direct
    this.#guard = guard
  }

  get wholeBytes(): number {
    return this.#direct.wholeBytes
  }

  async begin(
    address: S3Address,
    file: Parameters<DirectTransfer['begin']>[1],
  ): Promise<DirectUpload | undefined> {
    return this.#run('Beginning an upload to', address, () => this.#direct.begin(address, file))
  }

  /** Signing asks the store nothing, so that there is nothing to count. */
  async signParts(address: S3Address, uploadId: string, parts: readonly AnnouncedPart[]) {
    return this.#direct.signParts(address, uploadId, parts)
  }

  async complete(
    address: S3Address,
    uploadId: string,
    parts: readonly SentPart[],
    options?: { readonly signal?: AbortSignal },
  ): Promise<void> {
    await this.#run('Storing', address, () => this.#direct.complete(address, uploadId, parts, options))
  }

  async proofOf(address: S3Address) {
    return this.#run('Looking at', address, () => this.#direct.proofOf(address))
  }

  async abort(address: S3Address, uploadId: string): Promise<void> {
    await this.#run('Ending an upload to', address, () => this.#direct.abort(address, uploadId))
  }

  async endUploads(address: S3Address): Promise<number> {
    return this.#run('Ending uploads to', address, () => this.#direct.endUploads(address))
  }

  async signRead(address: S3Address, answer: Parameters<DirectTransfer['signRead']>[1]) {
    const { state } = this.#guard.circuitOf(address)
    return state.is === 'closed' ? this.#direct.signRead(address, answer) : undefined
  }

  async #run<T>(doing: string, address: S3Address, make: () => Promise<T>): Promise<T> {
    const circuit = this.#guard.circuitOf(address)
    await this.#guard.tryOut(circuit, address)
    return circuit.run(this.#guard.about(doing, address), make)
  }
}
