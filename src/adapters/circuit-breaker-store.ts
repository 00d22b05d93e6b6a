import { Readable } from 'node:stream'
import { type S3Address, splitS3Address } from '../domain/s3-address.js'
import type {
  ArtifactStore,
  Bytes,
  OpenOptions,
  PutOptions,
  PutResult,
  StoredObject,
  UnfinishedUpload,
} from '../ports/artifact-store.js'
import type { DirectTransfer } from '../ports/direct-transfer.js'
import type { StoreRepair } from '../ports/store-repair.js'
import { endpointOf, type S3CircuitBreaker } from './circuit-breaker.js'
import type { Circuit, CircuitPlace, CircuitRules, GuardedCall } from './circuit-breaker-circuit.js'
import { GuardedDirectTransfer } from './circuit-breaker-direct.js'

/**
 * A store whose calls the breaker may refuse.
 *
 * @param place - its endpoint, the bucket of the calls that name none, and the rules where they are not the breaker's.
 */
export function withCircuitBreaker(
  store: ArtifactStore,
  breaker: S3CircuitBreaker,
  place: { readonly bucket: string; readonly endpoint?: string; readonly rules?: CircuitRules },
): ArtifactStore {
  const { bucket, rules } = place
  const endpoint = endpointOf(place)
  if (rules !== undefined) breaker.configure({ endpoint, bucket }, rules)
  return new GuardedStore(store, breaker, { endpoint, bucket }, rules)
}

class GuardedStore implements ArtifactStore {
  readonly #store: ArtifactStore
  readonly #breaker: S3CircuitBreaker
  readonly #place: CircuitPlace
  readonly #rules: CircuitRules | undefined

  constructor(
    store: ArtifactStore,
    breaker: S3CircuitBreaker,
    place: CircuitPlace,
    rules: CircuitRules | undefined,
  ) {
    this.#store = store
    this.#breaker = breaker
    this.#place = place
    this.#rules = rules
  }

  get repair(): StoreRepair | undefined {
    return this.#store.repair
  }

  get direct(): DirectTransfer | undefined {
    const { direct } = this.#store
    if (direct === undefined) return undefined
    return new GuardedDirectTransfer(direct, {
      circuitOf: (address) => this.#circuitOf(address),
      about,
      tryOut: (circuit, address) => this.#tryOut(circuit, address),
    })
  }

  async put(address: S3Address, content: Bytes, options?: PutOptions): Promise<PutResult> {
    const circuit = this.#circuitOf(address)
    await this.#tryOut(circuit, address)
    return circuit.run(about('Storing', address), () => this.#store.put(address, content, options))
  }

  async open(address: S3Address, options?: OpenOptions): Promise<Bytes> {
    const circuit = this.#circuitOf(address)
    const call = about('Reading', address)
    const content = await circuit.run(call, () => this.#store.open(address, options))
    return watched(content, (error) => circuit.note(call, error))
  }

  async stat(address: S3Address): Promise<StoredObject | undefined> {
    return this.#circuitOf(address).run(about('Looking at', address), () => this.#store.stat(address))
  }

  async delete(address: S3Address): Promise<void> {
    await this.#circuitOf(address).run(about('Deleting', address), () => this.#store.delete(address))
  }

  list(prefix?: S3Address): AsyncIterable<StoredObject> {
    const call = prefix === undefined ? { operation: 'Listing' } : about('Listing', prefix)
    return this.#items(this.#circuitOf(prefix), call, () => this.#store.list(prefix))
  }

  listUnfinished(prefix?: S3Address): AsyncIterable<UnfinishedUpload> {
    const call = { operation: 'Listing unfinished uploads' }
    return this.#items(this.#circuitOf(prefix), call, () => this.#store.listUnfinished(prefix))
  }

  async endUnfinished(at: string): Promise<'ended' | 'gone' | 'in-use'> {
    return this.#circuitOf().run({ operation: `Ending the upload ${at}` }, () =>
      this.#store.endUnfinished(at),
    )
  }

  async check(): Promise<void> {
    await this.#circuitOf().run({ operation: 'Checking the store' }, () => this.#store.check())
  }

  async close(): Promise<void> {
    await this.#store.close()
  }

  #circuitOf(address?: S3Address): Circuit {
    const { endpoint, bucket } = this.#place
    const at = { endpoint, bucket: address === undefined ? bucket : splitS3Address(address).bucket }
    return this.#breaker.circuit(at, this.#rules)
  }

  /**
   * While one call is to show whether the store is back, it is a short one: an upload may take hours, reads its source
   * only once, and would keep all others waiting.
   */
  async #tryOut(circuit: Circuit, address: S3Address): Promise<void> {
    if (circuit.state.is === 'half-open') await this.stat(address)
  }

  /** The first item, or the lack of any, is what shows that the store answers. */
  async *#items<T>(circuit: Circuit, call: GuardedCall, list: () => AsyncIterable<T>): AsyncGenerator<T> {
    const items = list()[Symbol.asyncIterator]()
    let next = await circuit.run(call, () => items.next())
    try {
      while (next.done !== true) {
        yield next.value
        next = await items.next().catch((error: unknown) => {
          circuit.note(call, error)
          throw error
        })
      }
    } finally {
      if (next.done !== true) await items.return?.()
    }
  }
}

function about(doing: string, address: S3Address): GuardedCall {
  return { operation: `${doing} ${address}`, s3Path: address }
}

/** The same bytes; what they fail with is told as well. */
function watched(content: Bytes, onError: (error: unknown) => void): Bytes {
  if (!(content instanceof Readable)) return watchedPieces(content, onError)
  content.on('error', onError)
  return content
}

async function* watchedPieces(content: Bytes, onError: (error: unknown) => void): AsyncGenerator<Uint8Array> {
  try {
    yield* content
  } catch (error) {
    onError(error)
    throw error
  }
}
