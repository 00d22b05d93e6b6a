import type { Environments } from '../domain/policy.js'
import type { AutoFixer, FailedCall } from '../errors/auto-fix.js'
import type { ModelRegistryError } from '../errors/model-registry-error.js'
import type { ArtifactStore } from '../ports/artifact-store.js'
import type { MetadataStore } from '../ports/metadata-store.js'
import type { Spool } from '../ports/spool.js'
import type { StoreBreaker } from '../ports/store-breaker.js'
import type { RegistryEvents } from './registry-events.js'
import type { SeenFiles } from './seen-files.js'

/** What the use cases need. */
export interface RegistryDeps {
  readonly artifacts: ArtifactStore
  readonly metadata: MetadataStore
  /** Keeps files on this machine while the store is away: the same object as `artifacts`, where there is a spool. */
  readonly spool?: Spool | undefined
  readonly events: RegistryEvents
  /** What guards the artifact store, where something does. */
  readonly breaker?: StoreBreaker
  /** Files that need not be asked for again; absent where asking costs nothing. */
  readonly seen?: SeenFiles
  /** Policies by environment; when there are none, any environment may be used. */
  readonly environments: Environments
  /** Who acts when a call does not say. */
  readonly actor: string
  /** Names this process to others that wait for it, such as `host:pid`. */
  readonly holder: string
  /** The bucket of derived addresses. */
  readonly bucket: string
  /** What their keys begin with, without a slash at either end. */
  readonly prefix?: string
  readonly saveLeaseMs: number
  readonly lockLeaseMs: number
  /** Fires when the registry was closed and what may take long has had its time. */
  readonly closing?: AbortSignal
  /** How long `close` lets smoke tests and waits for other deployments go on, in milliseconds; 10,000 by default. */
  readonly closeGraceMs?: number
  readonly newId: () => string
  readonly now: () => Date
  /** Makes the repair of an error that leaves the registry; without it, errors have none. */
  readonly fixerFor?: (error: ModelRegistryError, call: FailedCall) => AutoFixer
}
