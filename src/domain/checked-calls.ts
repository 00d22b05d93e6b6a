import { refuse } from './refuse.js'

/** Where each method of a registry takes its options. */
const OPTIONS_AT: Readonly<Record<string, number>> = {
  saveModel: 2,
  getModel: 2,
  loadModel: 2,
  updateMetadata: 3,
  setAlias: 3,
  removeAlias: 2,
  archiveModel: 2,
  restoreModel: 2,
  deleteModel: 2,
  approveDeployment: 3,
  revokeApproval: 3,
  deployModel: 2,
  rollbackDeployment: 2,
  resetBreaker: 0,
}
const OPTIONS_REQUIRED = ['deployModel']

/** What an option must be, where nothing else looks before it is used. */
const KINDS: Readonly<Record<string, readonly [allowed: string, is: (value: unknown) => boolean]>> = {
  signal: ['an AbortSignal', isSignal],
  onProgress: ['a function', (value) => typeof value === 'function'],
  smokeTest: ['a function', (value) => typeof value === 'function'],
  approvedBy: ['a text', (value) => typeof value === 'string'],
  actor: ['a text', (value) => typeof value === 'string'],
  smokeTestTimeoutMs: ['a number of milliseconds', (value) => typeof value === 'number'],
  waitMs: ['a number of milliseconds', (value) => typeof value === 'number'],
  expectedActive: ['a version as text, or null', (value) => value === null || typeof value === 'string'],
}

/** As much of a loaded model as takes arguments that nothing else checks. */
interface Loaded {
  json(path?: string, options?: object): Promise<unknown>
  text(path?: string, options?: object): Promise<unknown>
  bytes(path?: string, options?: object): Promise<unknown>
  stream(path?: string, options?: object): unknown
  saveTo(folder: string, options?: object): Promise<unknown>
}

/**
 * The same registry, which refuses options that are none with a ModelValidationError before anything is done. Callers
 * without types give null, a text or a misplaced argument there.
 */
export function withCheckedCalls<R extends object>(registry: R): R {
  const checked = Object.keys(OPTIONS_AT).map((name) => {
    const method: unknown = Reflect.get(registry, name)
    if (typeof method !== 'function') throw new TypeError(`the registry has no method ${name}`)
    return [
      name,
      async (...args: unknown[]) => {
        const options = args[OPTIONS_AT[name] ?? 0]
        checkOptions(name, options, OPTIONS_REQUIRED.includes(name))
        const answer: unknown = await Reflect.apply(method, registry, args)
        return name === 'loadModel' && isLoaded(answer) ? withCheckedReads(answer) : answer
      },
    ]
  })
  return { ...registry, ...Object.fromEntries(checked) }
}

function withCheckedReads<M extends Loaded>(model: M): M {
  return {
    ...model,
    async json(path?: string, options?: object) {
      checkOptions('json', options)
      return model.json(path, options)
    },
    async text(path?: string, options?: object) {
      checkOptions('text', options)
      return model.text(path, options)
    },
    async bytes(path?: string, options?: object) {
      checkOptions('bytes', options)
      return model.bytes(path, options)
    },
    stream(path?: string, options?: object) {
      checkOptions('stream', options)
      return model.stream(path, options)
    },
    async saveTo(folder: string, options?: object) {
      if (typeof folder !== 'string' || folder === '')
        throw refuse('folder', folder, 'the path of a folder', 'saveTo')
      checkOptions('saveTo', options)
      return model.saveTo(folder, options)
    },
  }
}

function checkOptions(operation: string, options: unknown, required = false): void {
  if (options === undefined && !required) return
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw refuse('options', options, 'an object', operation)
  for (const [name, [allowed, is]] of Object.entries(KINDS)) {
    const value: unknown = Reflect.get(options, name)
    if (value !== undefined && !is(value)) throw refuse(`options.${name}`, value, allowed, operation)
  }
}

/** Of this realm or another. What only looks like one is refused by `fetch` and by `AbortSignal.any`. */
function isSignal(value: unknown): boolean {
  return value instanceof AbortSignal || Object.prototype.toString.call(value) === '[object AbortSignal]'
}

function isLoaded(value: unknown): value is Loaded {
  return typeof value === 'object' && value !== null && 'saveTo' in value
}
