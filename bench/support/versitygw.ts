import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePorts } from '../../test/support/s3/free-ports.ts'

const program = fileURLToPath(new URL('../../.cache/s3-servers/versitygw-1.8.0/versitygw', import.meta.url))

export const credentials = { accessKeyId: 'testkey', secretAccessKey: 'testsecret123' }
export const region = 'us-east-1'

export interface S3Server {
  readonly endpoint: string
  stop(): Promise<void>
}

/** @returns undefined where the S3 tests have not brought it yet. */
export async function startVersitygw(folder: string): Promise<S3Server | undefined> {
  if (!existsSync(program)) return undefined
  for (const name of ['data', 'iam']) mkdirSync(join(folder, name), { recursive: true })
  const [port] = await freePorts(1)
  const { accessKeyId, secretAccessKey } = credentials
  const child = spawn(
    program,
    [
      ...['--port', `127.0.0.1:${port}`, '--access', accessKeyId, '--secret', secretAccessKey],
      ...['--region', region, '--health', '/health', '--iam-dir', join(folder, 'iam'), '--quiet'],
      ...['posix', join(folder, 'data')],
    ],
    { stdio: ['ignore', openSync(join(folder, 'versitygw.log'), 'a'), 'inherit'] },
  )
  const ended = once(child, 'exit')
  const endpoint = `http://127.0.0.1:${port}`
  await ready(`${endpoint}/health`)
  return {
    endpoint,
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

async function ready(url: string): Promise<void> {
  const until = performance.now() + 10_000
  for (;;) {
    try {
      await (await fetch(url)).text()
      return
    } catch (error) {
      if (performance.now() > until) throw error
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}
