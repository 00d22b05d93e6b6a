import { createHash, randomUUID } from 'node:crypto'
import { parseAlias } from '../../../domain/alias.js'
import type { Deployment } from '../../../domain/deployment.js'
import { parseEnvironment } from '../../../domain/environment.js'
import { parseFilePath } from '../../../domain/file-path.js'
import { type ModelId, parseModelId } from '../../../domain/model-id.js'
import type { ModelFile, ModelRecord } from '../../../domain/model-record.js'
import type { Page } from '../../../domain/page.js'
import { parseS3Address } from '../../../domain/s3-address.js'
import { isSha256, type Sha256 } from '../../../domain/sha256.js'
import { parseVersion, type Version } from '../../../domain/version.js'
import type {
  DeploymentLock,
  MetadataStore,
  VersionContent,
  VersionDraft,
  VersionFilter,
} from '../../metadata-store.js'

export const LEASE_MS = 60_000
export const MODEL = parseModelId('btc-lstm')
export const PRODUCTION = parseEnvironment('production')
export const STAGING = parseEnvironment('staging')
export const V1 = parseVersion('1.0.0')
export const V2 = parseVersion('2.0.0')
export const V3 = parseVersion('3.0.0')
export const CHAMPION = parseAlias('champion')

export type DraftChanges = Partial<Omit<VersionDraft, 'modelId' | 'version'>>

/** The clock that the store under test takes leases and times from. */
export interface StoreClock {
  /** A negative number sets it back, as happens to a clock that was ahead. */
  advance(ms: number): void
}

/** The store of one test, with short ways to do the usual things. */
export interface MetadataSubject {
  readonly store: MetadataStore
  readonly clock: StoreClock
  /** Saves a version, in one step, as `ann`. */
  saved(modelId: ModelId, version: Version, changes?: DraftChanges): Promise<ModelRecord>
  /** Takes the lock, makes the version active and gives the lock back. */
  deployed(version: Version, environment?: string, modelId?: ModelId): Promise<Deployment>
  locked(environment?: string, modelId?: ModelId): Promise<DeploymentLock>
  /** `modelId@version` of what a listing gives, all on one page. */
  listed(filter: Partial<VersionFilter>): Promise<string[]>
}

export function metadataSubject({ store, clock }: Pick<MetadataSubject, 'store' | 'clock'>): MetadataSubject {
  const subject: MetadataSubject = {
    store,
    clock,
    async saved(modelId, version, changes) {
      const draft = draftOf(modelId, version, changes)
      const answer = await store.recordVersion(draft, contentOf(draft))
      if (answer.is !== 'published')
        throw new Error(`${modelId}@${version} was not saved: ${JSON.stringify(answer)}`)
      return answer.record
    },
    async locked(environment = PRODUCTION, modelId = MODEL) {
      const lock = { modelId, environment: parseEnvironment(environment), lockId: randomUUID() }
      const answer = await store.acquireLock({ ...lock, holder: 'ann', purpose: 'deploy', leaseMs: LEASE_MS })
      if (answer.is !== 'acquired') throw new Error(`the lock is held by ${answer.holder}`)
      return lock
    },
    async deployed(version, environment = PRODUCTION, modelId = MODEL) {
      const lock = await subject.locked(environment, modelId)
      const answer = await store.activate({ lock, version, actor: 'ann' })
      await store.releaseLock(lock)
      if (answer.is !== 'activated') throw new Error(`${version} was not activated: ${answer.is}`)
      return answer.deployment
    },
    async listed(filter) {
      const page = await store.listModels({ limit: 1000, orderBy: 'newest', ...filter })
      return page.map(nameOf)
    },
  }
  return subject
}

export function draftOf(modelId: ModelId, version: Version, changes: DraftChanges = {}): VersionDraft {
  const saveId = changes.saveId ?? randomUUID()
  return {
    modelId,
    version,
    modelType: 'lstm',
    inputShape: [60, 5],
    outputShape: [1],
    s3Path: parseS3Address(`s3://modelry/models/${modelId}/${version}/${saveId}`),
    layout: 'folder',
    actor: 'ann',
    ...changes,
    saveId,
  }
}

export function fileOf({ s3Path }: Pick<VersionDraft, 's3Path'>, path: string, size = 10): ModelFile {
  return {
    path: parseFilePath(path),
    size,
    sha256: sha256(`${path} ${size}`),
    mediaType: 'application/octet-stream',
    address: parseS3Address(`${s3Path}/${path}`),
    ownership: 'registry',
  }
}

/** The files `paths` of a draft, each of 10 bytes; one named `model.json` when none is given. */
export function contentOf(draft: Pick<VersionDraft, 's3Path'>, ...paths: string[]): VersionContent {
  const files = (paths.length > 0 ? paths : ['model.json']).map((path) => fileOf(draft, path))
  return { files, digest: sha256(JSON.stringify(files.map(({ path, sha256 }) => [path, sha256]))) }
}

export function sha256(text: string): Sha256 {
  const digest = createHash('sha256').update(text).digest('hex')
  if (!isSha256(digest)) throw new TypeError('a SHA-256 is 64 hexadecimal digits')
  return digest
}

export function nameOf({ modelId, version }: { modelId: string; version: string }): string {
  return `${modelId}@${version}`
}

/** All pages of a listing, one after the other. `between` runs after each page but the last. */
export async function allPages<T>(
  readPage: (cursor: string | undefined) => Promise<Page<T>>,
  between: (pages: number) => Promise<unknown> = async () => {},
): Promise<T[]> {
  const items: T[] = []
  let cursor: string | undefined
  for (let pages = 1; ; pages++) {
    const page = await readPage(cursor)
    items.push(...page)
    cursor = page.nextCursor
    if (cursor === undefined) return items
    if (pages > 200) throw new Error('the listing does not end')
    await between(pages)
  }
}

/** What a promise fails with; fails itself when the promise does not. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  const settled = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  if ('error' in settled) return settled.error
  throw new Error(`it gave ${JSON.stringify(settled.value)} where it should fail`)
}
