import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { portOf } from './free-ports.js'
import { runCommand } from './run-command.js'

/** An HTTPS server with a certificate that nobody vouches for; undefined on a machine without openssl. */
export async function untrustedServer(): Promise<string | undefined> {
  return (await certifiedServer())?.endpoint
}

/** The same with its certificate, which is for the name `localhost` and not for the server's address. */
export async function certifiedServer(): Promise<{ endpoint: string; certificate: string } | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'modelry-tls-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  try {
    await runCommand('openssl', [
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'],
      ...['-keyout', key, '-out', cert],
    ])
  } catch {
    return undefined
  }
  const certificate = await readFile(cert, 'utf8')
  const server = createServer({ key: await readFile(key), cert: certificate }, (_, answer) => {
    answer.end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return { endpoint: `https://127.0.0.1:${portOf(server)}`, certificate }
}
