import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../test/support/temporary-folder.js'
import { connectRegistry } from './client/index.js'
import {
  createModelRegistry,
  fromFile,
  fromFolder,
  fromParts,
  fromStored,
  isModelRegistryError,
  type LoadedModel,
  type Registry,
} from './index.js'
import { served } from './server/testing/served.js'

/** MODELRY_FUZZ_SEED repeats a run; MODELRY_FUZZ_CALLS makes it longer. */
const seed = Number(process.env.MODELRY_FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31))
const calls = Number(process.env.MODELRY_FUZZ_CALLS ?? 400)

/** Mulberry32: the same numbers for the same seed on every machine. */
function random(start: number): () => number {
  let state = start
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const cyclic: Record<string, unknown> = { name: 'cyclic' }
cyclic.self = cyclic
const deep = JSON.parse(`${'['.repeat(2_000)}${']'.repeat(2_000)}`)

const bad: readonly unknown[] = [
  ...[
    undefined,
    null,
    true,
    false,
    0,
    -1,
    1.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    2 ** 53,
    10n,
    Symbol('s'),
  ],
  ...[
    '',
    ' ',
    '\0',
    'a\0b',
    '\ud800',
    'é',
    '../..',
    'x'.repeat(100_000),
    'NaN',
    'null',
    '__proto__',
    'constructor',
  ],
  ...[
    'latest',
    'v1.2',
    '1.0',
    '01.2.3',
    '1.0.0+',
    's3://',
    's3://b',
    's3://B_/k',
    'https://x/y',
    '%00',
    "'; drop table x --",
  ],
  ...[[], [[]], [undefined], [1, 'a'], {}, { length: 3 }, { __proto__: null }, cyclic, deep],
  ...[
    () => 1,
    async () => {},
    class {},
    new Date(Number.NaN),
    new Map([[1, 2]]),
    new Set(),
    /x/g,
    new Error('mine'),
  ],
  ...[
    new Uint8Array(3),
    new ArrayBuffer(3),
    new Blob(['x']),
    new AbortController(),
    AbortSignal.abort(),
    Promise.resolve(1),
  ],
  ...[
    Object.freeze({ verify: 7 }),
    { signal: 'no' },
    { limit: -1 },
    { limit: '5' },
    { cursor: 'x' },
    { orderBy: 'x' },
  ],
  ...[
    { environment: 7 },
    { environment: 'production', waitMs: 'long' },
    { environment: 'production', smokeTest: 3 },
    { actor: {} },
  ],
]

const valid = {
  modelId: 'btc-lstm',
  version: '1.0.0',
  modelType: 'lstm',
  inputShape: [60, 5],
  outputShape: [1],
}

function source(next: () => number) {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)] as T
  const argument = (): unknown => {
    const kind = next()
    if (kind < 0.15) return pick(['btc-lstm', '1.0.0', 'production', 'champion'])
    if (kind < 0.3)
      return {
        ...valid,
        [pick([...Object.keys(valid), 'tags', 'accuracy', 'lineage', 'metrics', 's3Path', 'strange'])]:
          pick(bad),
      }
    if (kind < 0.4)
      return {
        environment: 'production',
        [pick(['expectedActive', 'waitMs', 'smokeTest', 'signal', 'actor'])]: pick(bad),
      }
    return pick(bad)
  }
  return { pick, arguments: () => Array.from({ length: Math.floor(next() * 5) }, argument), argument }
}

/** Calls a method with whatever a caller without types might give it. */
function callLoosely(owner: object, name: string, args: readonly unknown[]): unknown {
  const method: unknown = Reflect.get(owner, name)
  if (typeof method !== 'function') throw new TypeError(`there is no ${name}`)
  return Reflect.apply(method, owner, args)
}

/** Whatever a call gives is taken to its end: a promise, a stream, an iterable. */
async function exhaust(value: unknown): Promise<unknown> {
  const given = await value
  if (typeof given === 'object' && given !== null && Symbol.asyncIterator in given) {
    let seen = 0
    for await (const _ of given as AsyncIterable<unknown>) if (++seen > 1_000) break
  }
  return given
}

async function strange(work: () => unknown): Promise<unknown> {
  try {
    await exhaust(work())
    return undefined
  } catch (error) {
    return isModelRegistryError(error) ? undefined : error
  }
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
  if (typeof value !== 'object' || value === null) return String(value)
  return `${value.constructor?.name ?? 'null'}(${Object.keys(value).slice(0, 8).join()})`
}

const before = process.cwd()
let home: string

beforeEach(async () => {
  home = await temporaryFolder()
  // Some of the arguments are paths, and relative ones must lead nowhere else: all of a temporary folder can be large.
  const cwd = join(home, 'far', 'below', 'cwd')
  await mkdir(cwd, { recursive: true })
  process.chdir(cwd)
})
afterEach(() => process.chdir(before))

const METHODS = [
  ...[
    'saveModel',
    'getModel',
    'loadModel',
    'getModelVersions',
    'listModels',
    'diffVersions',
    'updateMetadata',
  ],
  ...[
    'setAlias',
    'removeAlias',
    'archiveModel',
    'restoreModel',
    'deleteModel',
    'approveDeployment',
    'revokeApproval',
    'deployModel',
    'getActiveModel',
  ],
  ...['rollbackDeployment', 'listDeployments', 'listHistory', 'scan', 'health'],
] as const

async function hammer(registry: Registry): Promise<string[]> {
  const random_ = source(random(seed))
  await registry.saveModel({ w: 1 }, { ...valid, modelType: 'lstm' }).catch(() => {})
  const found: string[] = []
  const check = async (name: string, args: readonly unknown[], work: () => unknown) => {
    const error = await strange(work)
    if (error !== undefined)
      found.push(
        `${name}(${args.map(shown).join(', ')}): ${error instanceof Error ? error.stack?.split('\n').slice(0, 4).join('\n') : String(error)}`,
      )
  }
  for (let call = 0; call < calls; call++) {
    const name = random_.pick(METHODS)
    const args = random_.arguments()
    await check(name, args, () => callLoosely(registry, name, args))
  }
  return [...new Set(found)]
}

describe(`bad arguments, seed ${seed}`, () => {
  it('get errors of the catalog and nothing else from a registry in this process', {
    timeout: 120_000,
  }, async () => {
    const registry = await createModelRegistry({ home: join(home, 'local') })
    expect(await hammer(registry)).toEqual([])
    await registry.close()
  })

  it('get the same from a registry over HTTP', { timeout: 120_000 }, async () => {
    const { url } = await served()
    const registry = await connectRegistry({ url })
    expect(await hammer(registry)).toEqual([])
    await registry.close()
  })

  it('get the same from a loaded model', { timeout: 120_000 }, async () => {
    const registry = await createModelRegistry({ home: join(home, 'loaded') })
    await registry.saveModel({ w: 1 }, { ...valid, modelType: 'lstm' })
    const model = await registry.loadModel('btc-lstm', '1.0.0')
    const random_ = source(random(seed))
    const names: readonly (keyof LoadedModel)[] = ['json', 'text', 'bytes', 'stream', 'saveTo']
    const found: string[] = []
    for (let call = 0; call < calls / 4; call++) {
      const name = random_.pick(names)
      const args = random_.arguments()
      const error = await strange(() => callLoosely(model, name, args))
      if (error !== undefined) found.push(`${name}(${args.map(shown).join(', ')}): ${String(error)}`)
    }
    expect([...new Set(found)]).toEqual([])
    await registry.close()
  })

  it('get the same from what opens a registry and from what wraps a model', {
    timeout: 120_000,
  }, async () => {
    const random_ = source(random(seed))
    const registry = await createModelRegistry({ home: join(home, 'sources') })
    const found: string[] = []
    const wraps = { fromFile, fromFolder, fromParts, fromStored }
    for (let call = 0; call < calls / 4; call++) {
      const name = random_.pick(Object.keys(wraps))
      const args = random_.arguments()
      const version = `2.0.${call}`
      const error = await strange(() =>
        callLoosely(registry, 'saveModel', [callLoosely(wraps, name, args), { ...valid, version }]),
      )
      if (error !== undefined)
        found.push(`saveModel(${name}(${args.map(shown).join(', ')})): ${String(error)}`)
    }
    for (let call = 0; call < calls / 4; call++) {
      const key = random_.pick([
        'home',
        'store',
        'db',
        'migrations',
        'environments',
        'actor',
        'bucket',
        'saveLeaseMs',
        'lockLeaseMs',
        'remote',
        'server',
        'strange',
      ])
      const value = random_.argument()
      const options = { home: join(home, `open-${call}`), [key]: value }
      const error = await strange(async () => {
        const opened = await Reflect.apply(createModelRegistry, undefined, [options])
        await opened.close()
      })
      if (error !== undefined)
        found.push(`createModelRegistry({ ${key}: ${shown(value)} }): ${String(error)}`)
      const wrong = await strange(() => Reflect.apply(connectRegistry, undefined, [random_.argument()]))
      if (wrong !== undefined) found.push(`connectRegistry: ${String(wrong)}`)
    }
    expect([...new Set(found)]).toEqual([])
    await registry.close()
  })
})
