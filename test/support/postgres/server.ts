import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '../eventually.js'
import { freePorts } from '../s3/free-ports.js'
import { postgresBinaries } from './binaries.js'
import { connect } from './connect.js'

/** Postgres refuses to run as root, so it runs as the user without rights then. */
const NOBODY = 65534
const ADMIN = 'admin'
const PASSWORD = 'correct horse'

export interface PostgresServer {
  readonly port: number
  /** The folder of the database. */
  readonly data: string
  /** The address of a database, for the superuser unless another user is named. */
  url(database?: string, user?: string, password?: string): string
  /** Ends it as an administrator does, `immediate` as a crash does, and waits until it has ended. */
  stop(how?: 'fast' | 'immediate'): Promise<void>
  start(): Promise<void>
  /** Lets nobody in any more, and ends when those who are in have left. */
  shutDown(): void
  /** Writes a file into the folder of the database, such as a certificate, for the server alone to read. */
  write(name: string, text: string): Promise<void>
  /** Puts lines in front of pg_hba.conf. */
  allow(lines: string): Promise<void>
  /** Stops it for good and removes it. */
  remove(): Promise<void>
}

/** Starts a server of its own, on a port of its own, that loses everything with a loss of power. */
export async function startPostgres(
  settings: Readonly<Record<string, string>> = {},
): Promise<PostgresServer> {
  const uid = process.getuid?.() === 0 ? NOBODY : undefined
  const binaries = await postgresBinaries(uid)
  const root = await mkdtemp(join(tmpdir(), 'modelry-postgres-'))
  const data = join(root, 'data')
  const identity = uid === undefined ? {} : { uid, gid: uid }
  const own = async (path: string) => {
    if (uid !== undefined) await chown(path, uid, uid)
  }
  const [port = 0] = await freePorts(1)
  let child: ChildProcess | undefined
  let output = ''

  const launch = (program: string, args: readonly string[]) => {
    const started = spawn(program, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...identity,
      env: { LC_ALL: 'C', TZ: 'UTC' },
    })
    for (const stream of [started.stdout, started.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output = (output + text).slice(-4_000)
      })
    return started
  }
  const server: PostgresServer = {
    port,
    data,
    url: (database = 'postgres', user = ADMIN, password = PASSWORD) =>
      `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}?sslmode=disable`,
    async start() {
      const options = {
        listen_addresses: '127.0.0.1',
        port: String(port),
        unix_socket_directories: '',
        fsync: 'off',
        max_connections: '100',
        ...settings,
      }
      child = launch(binaries.postgres, [
        '-D',
        data,
        ...Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      ])
      const ended = once(child, 'exit').then(() => {
        throw new Error(`Postgres did not start: ${output}`)
      })
      await Promise.race([ended, eventually(async () => (await connect(server.url())).end(), 30_000)])
      ended.catch(() => {})
    },
    async stop(how = 'fast') {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      // https://www.postgresql.org/docs/current/server-shutdown.html
      child.kill(how === 'fast' ? 'SIGINT' : 'SIGQUIT')
      await ended
    },
    shutDown() {
      child?.kill('SIGTERM')
    },
    async write(name, text) {
      const path = join(data, name)
      await writeFile(path, text)
      await own(path)
      await chmod(path, 0o600)
    },
    async allow(lines) {
      await server.write('first.conf', lines)
    },
    async remove() {
      await server.stop('immediate')
      await rm(root, { recursive: true, force: true })
      await binaries.remove()
    },
  }
  try {
    await own(root)
    await writeFile(join(root, 'password'), PASSWORD)
    await own(join(root, 'password'))
    const init = launch(binaries.initdb, [
      '-D',
      data,
      '-U',
      ADMIN,
      '-A',
      'scram-sha-256',
      `--pwfile=${join(root, 'password')}`,
      '--no-sync',
      '--encoding=UTF8',
      '--locale=C',
    ])
    const [code] = await once(init, 'exit')
    if (code !== 0) throw new Error(`initdb failed: ${output}`)
    await server.write('first.conf', '')
    await writeFile(
      join(data, 'pg_hba.conf'),
      'include first.conf\nhost all all 127.0.0.1/32 scram-sha-256\n',
    )
    await server.start()
    return server
  } catch (error) {
    await server.remove()
    throw error
  }
}
