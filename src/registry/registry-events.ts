import type { BreakerState } from '../domain/breaker.js'
import type { Deployment } from '../domain/deployment.js'
import type { ModelRecord } from '../domain/model-record.js'

/** What is told, and what is told of it. */
export interface RegistryEventMap {
  readonly saved: { readonly record: ModelRecord; readonly actor: string }
  readonly deployed: { readonly deployment: Deployment }
  readonly 'rolled-back': { readonly deployment: Deployment }
  readonly archived: { readonly record: ModelRecord; readonly actor: string }
  readonly restored: { readonly record: ModelRecord; readonly actor: string }
  readonly deleted: { readonly modelId: string; readonly version: string; readonly actor: string }
  /** What a spool kept of the version has reached the store. */
  readonly synced: { readonly record: ModelRecord; readonly actor: string }
  /** A file that a spool keeps could not be carried over, for another reason than that the store is away. */
  readonly 'sync-failed': { readonly modelId: string; readonly version: string; readonly error: unknown }
  /** The circuit of the store opened, closed or lets one call try. */
  readonly 'breaker-state': {
    readonly endpoint: string
    readonly bucket: string
    readonly state: BreakerState
    /** When one call may try, where it is open. */
    readonly nextProbeAt?: string
  }
}

export type RegistryEvent = keyof RegistryEventMap

type Listener<E extends RegistryEvent> = (event: RegistryEventMap[E]) => void

/** Where to hear what happens. */
export interface RegistryEventSource {
  /** @returns a function that ends the subscription. */
  on<E extends RegistryEvent>(name: E, listener: Listener<E>): () => void
}

/**
 * Tells listeners what happened, after it is durable. A listener that throws does not disturb the operation: its error
 * is raised on its own, as an uncaught one, where it belongs.
 */
export class RegistryEvents implements RegistryEventSource {
  /** For those who are to listen alone. */
  readonly source: RegistryEventSource = { on: (name, listener) => this.on(name, listener) }
  readonly #listeners = new Map<RegistryEvent, Set<(event: never) => void>>()

  on<E extends RegistryEvent>(name: E, listener: Listener<E>): () => void {
    const listeners = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, listeners)
    listeners.add(listener)
    return () => {
      listeners.delete(listener)
    }
  }

  emit<E extends RegistryEvent>(name: E, event: RegistryEventMap[E]): void {
    for (const listener of this.#listeners.get(name) ?? [])
      queueMicrotask(() => (listener as Listener<E>)(event))
  }
}
