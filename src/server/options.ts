/** What a server can be told. Every value has a default that is sane for one machine. */
export interface ServerOptions {
  /** Where to listen; `127.0.0.1` by default, so that only this machine can connect. */
  readonly host?: string | undefined
  /** 7878 by default; 0 takes any port that is free. */
  readonly port?: number | undefined
  /** Listen beyond this machine although there is no token. */
  readonly insecure?: boolean | undefined
  /** A token beside those of the registry, with the scope `admin`. `modelry serve` takes it from `ADMIN_TOKEN`. */
  readonly adminToken?: string | undefined
  /** The address under which others know the server, when a proxy stands before it; for the links in answers. */
  readonly publicUrl?: string | undefined
  /** The longest file that an upload may have, in bytes; 100 GiB by default. */
  readonly maxFileBytes?: number | undefined
  /** The longest JSON body, in bytes; 64 KiB by default. A list of files may be longer. */
  readonly maxJsonBytes?: number | undefined
  /** How long a transfer may make no progress, in milliseconds; 2 minutes by default. */
  readonly idleMs?: number | undefined
  /** How long `close` lets requests that are under way go on, in milliseconds; 30 s by default. */
  readonly graceMs?: number | undefined
  /** `info` by default, which is one line for each request. */
  readonly logLevel?: 'silent' | 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | undefined
  /** Where log lines go; standard error by default. */
  readonly log?: { write(line: string): void } | undefined
}

export interface ServerSettings {
  readonly host: string
  readonly port: number
  readonly insecure: boolean
  readonly publicUrl: string | undefined
  readonly maxFileBytes: number
  readonly maxJsonBytes: number
  readonly idleMs: number
  readonly graceMs: number
}

export function settingsOf(options: ServerOptions): ServerSettings {
  return {
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 7878,
    insecure: options.insecure ?? false,
    publicUrl: options.publicUrl?.replace(/\/+$/, ''),
    maxFileBytes: options.maxFileBytes ?? 100 * 1024 ** 3,
    maxJsonBytes: options.maxJsonBytes ?? 64 * 1024,
    idleMs: options.idleMs ?? 120_000,
    graceMs: options.graceMs ?? 30_000,
  }
}
