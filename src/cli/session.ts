import { join } from 'node:path'
import type { Config, LoadedConfig } from '../config.js'
import { redact } from '../errors/redact.js'
import type { Engine } from '../registry/engine.js'
import type { Registry } from '../registry/registry.js'
import type { Terminal } from './terminal.js'
import { UsageError } from './usage-error.js'

/** The options that every command takes. */
export interface GlobalOptions {
  readonly home?: string | undefined
  readonly store?: string | undefined
  readonly db?: string | undefined
  readonly server?: string | undefined
  readonly token?: string | undefined
  readonly actor?: string | undefined
  readonly json: boolean
  readonly color: boolean
  readonly debug: boolean
}

type EngineOptions = Partial<Pick<Config, 'migrations'>>

/** One run of the command line: opens the registry when a command asks for it, wherever it is. */
export class Session {
  readonly terminal: Terminal
  readonly options: GlobalOptions
  #config: Promise<LoadedConfig> | undefined
  #engine: Promise<Engine> | undefined
  #registry: Promise<Registry> | undefined

  constructor(terminal: Terminal, options: GlobalOptions) {
    this.terminal = terminal
    this.options = options
  }

  get signal(): AbortSignal {
    return this.terminal.signal
  }

  /** @param flags - of the command, by the path of the setting. The first call decides. */
  config(flags: Readonly<Record<string, string | boolean | undefined>> = {}): Promise<LoadedConfig> {
    this.#config ??= import('../config.js').then(({ loadConfig }) => {
      const { home, store, db, server, token, actor } = this.options
      const { env, cwd } = this.terminal
      return loadConfig({
        flags: { home, store, db, actor, 'remote.url': server, 'remote.token': token, ...flags },
        env,
        cwd,
      })
    })
    return this.#config
  }

  registry(): Promise<Registry> {
    this.#registry ??= this.config().then(async ({ config }) => {
      const { openRegistry } = await import('../compose.js')
      return openRegistry(config, () => this.#local())
    })
    return this.#registry
  }

  /**
   * The stores themselves, for what a server's client may not do.
   *
   * @param options - of how they are opened; the first call decides.
   * @throws UsageError when a server is named.
   */
  async engine(what: string, options: EngineOptions = {}): Promise<Engine> {
    const { config, origins } = await this.config()
    if (config.remote === undefined) return this.#local(options)
    const origin = origins['remote.url']
    const by = origin?.is === 'flag' || origin?.is === 'environment' ? origin.name : 'the configuration'
    throw new UsageError(
      `${what} needs the registry's own stores. Run it where the server runs, without the server's address that ${by} gives.`,
    )
  }

  /** Where an object lies on this machine; undefined when it does not. */
  async placeOf(address: string): Promise<string | undefined> {
    const { remote, store } = (await this.config()).config
    return remote === undefined && store.is === 'file'
      ? join(store.root, ...address.slice('s3://'.length).split('/'))
      : undefined
  }

  /** A command to run next, on the same registry as this one. */
  next(command: string): string {
    return nextCommand(this.options, command)
  }

  async close(): Promise<void> {
    const registry = await this.#registry?.catch(() => undefined)
    const engine = await this.#engine?.catch(() => undefined)
    await registry?.close()
    if (engine !== undefined && engine.registry !== registry) await engine.registry.close()
  }

  async #local(options: EngineOptions = {}): Promise<Engine> {
    this.#engine ??= this.config().then(async ({ config }) => {
      const { openEngine } = await import('../compose.js')
      return openEngine(config, options.migrations)
    })
    return this.#engine
  }
}

/** Where the registry is that the command works on. */
export type Places = Pick<GlobalOptions, 'home' | 'store' | 'db' | 'server'>

/** @see Session.next */
export function nextCommand(places: Places, command: string): string {
  return ['modelry', command, ...optionsOf(places)].join(' ')
}

/** A command as an error has it, with the places that were named on the command line; others as they are. */
export function onSameStores(places: Places, command: string): string {
  const isPlain = /^modelry (?!explain\b)[^|&;<>#$\n]*$/.test(command)
  return isPlain && !/ --(?:home|store|db|server)\b/.test(command)
    ? [command, ...optionsOf(places)].join(' ')
    : command
}

function optionsOf({ home, store, db, server }: Places): string[] {
  return Object.entries({ home, store, db, server }).flatMap(([name, value]) =>
    // The address of a database may have a password in it.
    value === undefined ? [] : [`--${name} ${quoted(redact(value))}`],
  )
}

function quoted(text: string): string {
  return /^[\w./:@=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
