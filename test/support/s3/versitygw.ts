import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { broughtFolder, inCache } from './cache-folder.js'
import { freePorts } from './free-ports.js'
import { runCommand } from './run-command.js'
import { ADMIN, answers, NOBODY, READER, REGION, type RunningS3Server } from './s3-server.js'
import { startProcess } from './started-process.js'

const VERSION = '1.8.0'

/** Builds it with Go, which takes a minute or two, where the cache does not have it. @throws Error without Go. */
async function bringVersitygw(): Promise<string> {
  const folder = await broughtFolder(`versitygw-${VERSION}`, async (incoming) => {
    const module = `github.com/versity/versitygw/cmd/versitygw@v${VERSION}`
    await runCommand('go', ['install', '-trimpath', '-ldflags=-s -w', module], {
      GOBIN: incoming,
      GOMODCACHE: inCache('go', 'mod'),
      GOCACHE: inCache('go', 'build'),
      // Without it the modules are read-only, and the cache cannot be removed in the usual way.
      GOFLAGS: '-modcacherw',
      CGO_ENABLED: '0',
    })
  })
  return join(folder, 'versitygw')
}

/** Objects as files in a temporary folder. It cannot hold `a` beside `a/b`; its root user is above all policies. */
export async function startVersitygw(): Promise<RunningS3Server> {
  const program = await bringVersitygw()
  const root = await mkdtemp(join(tmpdir(), 'modelry-versitygw-'))
  for (const folder of ['data', 'iam', 'versions']) await mkdir(join(root, folder))
  const [port] = await freePorts(1)
  const endpoint = `http://127.0.0.1:${port}`
  const { accessKeyId, secretAccessKey } = ADMIN
  const credentials = ['--access', accessKeyId, '--secret', secretAccessKey]
  const server = await startProcess(
    program,
    [
      ...['--port', `127.0.0.1:${port}`, ...credentials, '--region', REGION, '--health', '/health'],
      ...['--iam-dir', join(root, 'iam'), '--quiet'],
      ...['posix', '--versioning-dir', join(root, 'versions'), join(root, 'data')],
    ],
    () => answers(`${endpoint}/health`),
  )
  const stop = async () => {
    await server.stop()
    await rm(root, { recursive: true, force: true, maxRetries: 5 })
  }
  try {
    for (const user of [READER, NOBODY])
      await runCommand(program, [
        ...['admin', '--allow-insecure', ...credentials, '--endpoint-url', endpoint, 'create-user'],
        ...['--access', user.accessKeyId, '--secret', user.secretAccessKey, '--role', 'user'],
      ])
    return { name: 'versitygw', endpoint, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
