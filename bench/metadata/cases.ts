import { request } from '../support/http-client.ts'
import type { Work } from '../support/load.ts'
import {
  COMMON_TAG,
  type DataSet,
  LARGEST,
  metadataOf,
  modelName,
  SPARE_OBJECT,
  versionName,
} from './data-set.ts'

/** One thing to do, as it is asked of the registry and of the peer. */
export interface Case {
  readonly name: string
  /** Whether both answer the same bytes, which is looked at before anything is measured. */
  readonly reads: boolean
  /** What the strongest Python registry does on such a machine, and how many times better is wanted. */
  readonly python?: { readonly perSecond: number; readonly times: number; readonly at: 1 | 16 }
  readonly registry: Work
  readonly peer: Work
}

export interface Cursors {
  /** Where pages of 100 of the whole registry begin. */
  readonly pages: readonly { readonly cursor: string; readonly before: number }[]
}

const PYTHON_GETS = { perSecond: 360, times: 30, at: 16 } as const
/** Records of files that are somewhere already: no bytes are sent. */
const PYTHON_CREATES = { perSecond: 180, times: 10, at: 16 } as const

export function readCases(set: DataSet, { pages }: Cursors): Case[] {
  const get = (path: string): string => request('GET', path)
  const reading = (name: string, registry: (n: number) => string, peer: (n: number) => string) => ({
    name,
    reads: true,
    registry: ((ask, n) => ask(get(registry(n)), 200)) satisfies Work,
    peer: ((ask, n) => ask(get(peer(n)), 200)) satisfies Work,
  })
  return [
    {
      ...reading(
        'get by version',
        (n) => `/api/models/${encoded(set, n)}/versions/${someVersion(set, n)}`,
        (n) => `/models/${encoded(set, n)}/versions/${someVersion(set, n)}`,
      ),
      python: PYTHON_GETS,
    },
    {
      ...reading(
        'get by alias',
        (n) => `/api/models/${encoded(set, n)}/versions/champion`,
        (n) => `/models/${encoded(set, n)}/aliases/champion`,
      ),
      python: PYTHON_GETS,
    },
    {
      ...reading(
        'list 100',
        (n) => `/api/models?limit=100&cursor=${pages[n % pages.length]?.cursor}`,
        (n) => `/models?limit=100&before=${pages[n % pages.length]?.before}`,
      ),
      python: { perSecond: 66, times: 30, at: 16 },
    },
    {
      ...reading(
        'search by tag, page of 100',
        () => `/api/models?limit=100&tag=${encodeURIComponent(COMMON_TAG)}`,
        () => `/tags?limit=100&tag=${encodeURIComponent(COMMON_TAG)}`,
      ),
      python: { perSecond: 1000 / 168, times: 30, at: 1 },
    },
    {
      ...reading(
        'versions of the largest model, page of 100',
        () => `/api/models/${encodeURIComponent(LARGEST)}/versions?limit=100`,
        () => `/models/${encodeURIComponent(LARGEST)}/versions?limit=100`,
      ),
      python: { perSecond: 1000 / 257, times: 30, at: 1 },
    },
    {
      ...reading(
        'versions of the largest model, page of 1000',
        () => `/api/models/${encodeURIComponent(LARGEST)}/versions?limit=1000`,
        () => `/models/${encodeURIComponent(LARGEST)}/versions?limit=1000`,
      ),
      python: { perSecond: 1000 / 257, times: 30, at: 1 },
    },
  ]
}

/** @param unique - a number that no other write of the run has. */
export function writeCases(set: DataSet, unique: () => number): Case[] {
  const aliases = { registry: moves(set), peer: moves(set) }
  const deployments = { registry: moves(set), peer: moves(set) }
  return [
    {
      name: 'set alias',
      reads: false,
      registry: (ask) => {
        const { model, version } = aliases.registry()
        return ask(request('PUT', `/api/models/${model}/aliases/champion`, json({ version })), 200)
      },
      peer: (ask) => {
        const { model, version } = aliases.peer()
        return ask(request('PUT', `/models/${model}/aliases/champion`, json({ version })), 200)
      },
    },
    {
      name: 'deploy',
      reads: false,
      registry: (ask) => {
        const { model, version } = deployments.registry()
        const body = json({ version, environment: 'production' })
        return ask(request('POST', `/api/models/${model}/deployments`, body), 201)
      },
      peer: (ask) => {
        const { model, version } = deployments.peer()
        const body = json({ version, environment: 'production' })
        return ask(request('POST', `/models/${model}/deployments`, body), 201)
      },
    },
    {
      name: 'create version of a stored object',
      reads: false,
      python: PYTHON_CREATES,
      registry: (ask, n) => ask(request('POST', '/api/models', storedVersion(set, n, unique())), 201),
      peer: (ask, n) => ask(request('POST', '/models', storedVersion(set, n, unique())), 201),
    },
    {
      name: 'create version with its bytes, three requests',
      reads: false,
      registry: savingWork('/api/saves', set, unique),
      peer: savingWork('/saves', set, unique),
    },
  ]
}

/** Each call gives a model and a version of it that is not where the last call for the model pointed. */
function moves(set: DataSet): () => { model: string; version: string } {
  let n = 0
  return () => {
    const round = Math.floor(n / set.models)
    return { model: encoded(set, n++), version: versionName(round % set.versionsEach) }
  }
}

function storedVersion(set: DataSet, n: number, unique: number): string {
  const files = [{ path: 'weights.bin', s3Path: SPARE_OBJECT }]
  return json({ metadata: newVersion(set, n, unique), files })
}

function savingWork(saves: string, set: DataSet, unique: () => number): Work {
  return async (ask, n) => {
    const begin = json({ metadata: newVersion(set, n, unique()), files: ['weights.bin'] })
    const { saveId }: { saveId: string } = JSON.parse(
      String((await ask(request('POST', saves, begin), 201)).body),
    )
    const bytes = 'a tiny body'
    await ask(request('PUT', `${saves}/${saveId}/files/weights.bin`, bytes, 'application/octet-stream'), 201)
    await ask(request('POST', `${saves}/${saveId}/publish`), 201)
  }
}

function newVersion(set: DataSet, n: number, unique: number) {
  return metadataOf(modelName(spread(set, n)), `2.0.${unique}`, n)
}

const json = (value: unknown) => JSON.stringify(value)

/** Goes through all models in an order that no cache likes. */
function spread({ models }: DataSet, n: number): number {
  return (n * 7919) % models
}

function encoded(set: DataSet, n: number): string {
  return encodeURIComponent(modelName(spread(set, n)))
}

function someVersion({ models, versionsEach }: DataSet, n: number): string {
  return versionName((n + Math.floor(n / models)) % versionsEach)
}
