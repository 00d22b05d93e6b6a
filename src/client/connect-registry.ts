import { withCheckedCalls } from '../domain/checked-calls.js'
import type { DeploymentQuery, HistoryQuery, ModelQuery } from '../domain/query.js'
import { refuse } from '../domain/refuse.js'
import type { Registry } from '../registry/registry.js'
import { RegistryEvents } from '../registry/registry-events.js'
import * as answers from './answers.js'
import { approveDeployment, revokeApproval } from './approve-deployment.js'
import { breakerStats, resetBreaker } from './breaker.js'
import { Connection } from './connection.js'
import { deployModel, rollbackDeployment } from './deploy-model.js'
import { getActiveModel } from './get-active-model.js'
import { getModel } from './get-model.js'
import { health } from './health.js'
import { loadModel } from './load-model.js'
import { saveModel } from './save-model.js'
import { scan } from './scan.js'
import {
  deleteModel,
  diffVersions,
  getModelVersions,
  removeAlias,
  setAlias,
  setArchived,
  updateMetadata,
} from './versions.js'

export interface ConnectOptions {
  /** The address of the server, such as `http://127.0.0.1:7878`. */
  readonly url: string
  /** An access token; needed once the server has one. */
  readonly token?: string | undefined
  /** Who acts, for the history of a server that asks for no token; with one, it is the token's name. */
  readonly actor?: string | undefined
  /** What to use in place of the global `fetch`. */
  readonly fetch?: typeof fetch | undefined
  /** How often a request that is safe to repeat is sent at most (3), and how long is waited between in all (10 s). */
  readonly retries?: { readonly attempts?: number; readonly maxWaitMs?: number } | undefined
  /**
   * Which way the bytes of files go. `direct`, the default: between this client and the store, where the server offers it
   * and the store can be reached, and through the server otherwise. `server`: always through the server.
   */
  readonly transfer?: 'direct' | 'server' | undefined
}

/**
 * The registry that a server keeps, by the same interface as the one in this process. Runs in Node and in browsers.
 *
 * - Nothing is asked before the first call. A server that cannot be reached is an S3UnavailableError with cause
 *   `server-unreachable`, or the error of the transfer that broke.
 * - What is safe to repeat is repeated by itself, as the error's `retry` says; saves and deployments carry an
 *   `Idempotency-Key`, so that none is done twice.
 * - `events` tells what happens through this object, not what others do.
 * - `deployModel` runs a smoke test in this process before it asks the server, and then expects to be active what was
 *   active before the test, unless `expectedActive` is given.
 *
 * @throws ModelValidationError when the address is none.
 *
 * @example
 * const registry = connectRegistry({ url: 'http://127.0.0.1:7878' })
 * const model = await registry.loadModel('btc-lstm', 'champion')
 */
export function connectRegistry(options: ConnectOptions): Registry {
  if (typeof options !== 'object' || options === null)
    throw refuse('options', options, 'an object with a url', 'connectRegistry')
  const connection = new Connection({
    url: addressOf(options.url),
    token: options.token,
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    actor: options.actor,
    retries: { attempts: options.retries?.attempts ?? 3, maxWaitMs: options.retries?.maxWaitMs ?? 10_000 },
    transfer: transferOf(options.transfer),
  })
  const events = new RegistryEvents()

  /** Every call is refused after `close`, and `close` waits for it. */
  const bind =
    <A extends unknown[], R>(operation: string, call: (connection: Connection, ...args: A) => Promise<R>) =>
    (...args: A): Promise<R> =>
      connection.track(operation, () => call(connection, ...args))

  const list =
    <Q extends object, T>(operation: string, path: string, read: (response: Response) => Promise<T>) =>
    (query: Q | undefined): Promise<T> =>
      connection.track(operation, () =>
        connection.ask({ method: 'GET', path, query: { ...query }, operation, repeat: 'freely' }, read),
      )

  return withCheckedCalls<Registry>({
    async saveModel(model, metadata, more) {
      const record = await bind('saveModel', saveModel)(model, metadata, more)
      events.emit('saved', { record, actor: record.createdBy })
      return record
    },
    getModel: bind('getModel', getModel),
    loadModel: bind('loadModel', loadModel),
    getModelVersions: bind('getModelVersions', getModelVersions),
    listModels: list<ModelQuery, Awaited<ReturnType<Registry['listModels']>>>(
      'listModels',
      '/api/models',
      answers.page(answers.recordPage),
    ),
    diffVersions: bind('diffVersions', diffVersions),
    updateMetadata: bind('updateMetadata', updateMetadata),
    setAlias: bind('setAlias', setAlias),
    removeAlias: bind('removeAlias', removeAlias),
    async archiveModel(modelId, version, more) {
      const { changed, ...event } = await bind('archiveModel', setArchived)('archive', modelId, version, more)
      if (changed) events.emit('archived', event)
      return event.record
    },
    async restoreModel(modelId, version, more) {
      const { changed, ...event } = await bind('restoreModel', setArchived)('restore', modelId, version, more)
      if (changed) events.emit('restored', event)
      return event.record
    },
    async deleteModel(modelId, version, more) {
      const actor = await bind('deleteModel', deleteModel)(modelId, version, more)
      events.emit('deleted', { modelId, version, actor })
    },
    approveDeployment: bind('approveDeployment', approveDeployment),
    revokeApproval: bind('revokeApproval', revokeApproval),
    async deployModel(modelId, version, more) {
      const { deployment, changed } = await bind('deployModel', deployModel)(modelId, version, more)
      if (changed) events.emit('deployed', { deployment })
      return deployment
    },
    getActiveModel: bind('getActiveModel', getActiveModel),
    async rollbackDeployment(modelId, environment, more) {
      const deployment = await bind('rollbackDeployment', rollbackDeployment)(modelId, environment, more)
      events.emit('rolled-back', { deployment })
      return deployment
    },
    listDeployments: list<DeploymentQuery, Awaited<ReturnType<Registry['listDeployments']>>>(
      'listDeployments',
      '/api/deployments',
      answers.page(answers.deploymentPage),
    ),
    listHistory: list<HistoryQuery, Awaited<ReturnType<Registry['listHistory']>>>(
      'listHistory',
      '/api/history',
      answers.page(answers.historyPage),
    ),
    scan: () => scan(connection),
    health: () => health(connection),
    breakerStats: bind('breakerStats', breakerStats),
    resetBreaker: bind('resetBreaker', resetBreaker),
    events: events.source,
    close: () => connection.close(),
  })
}

const SERVER_ADDRESS = 'the address of a server, such as http://127.0.0.1:7878'

function addressOf(url: unknown): string {
  if (typeof url !== 'string') throw refuse('url', url, SERVER_ADDRESS, 'connectRegistry')
  const parsed = URL.parse(url)
  if (
    parsed === null ||
    !/^https?:$/.test(parsed.protocol) ||
    parsed.username !== '' ||
    parsed.password !== ''
  )
    throw refuse('url', withoutPassword(url), SERVER_ADDRESS, 'connectRegistry')
  return `${parsed.origin}${parsed.pathname.replace(/\/+$/, '')}`
}

function transferOf(transfer: unknown = 'direct'): 'direct' | 'server' {
  if (transfer === 'direct' || transfer === 'server') return transfer
  throw refuse('transfer', transfer, 'direct or server', 'connectRegistry')
}

function withoutPassword(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//***@')
}
