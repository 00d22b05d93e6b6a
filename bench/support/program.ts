import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { cliMain } from './dist.ts'

/** A program that serves until it is stopped. */
export interface Program {
  /** Such as `http://127.0.0.1:41234`. */
  readonly url: string
  readonly pid: number
  stop(): Promise<void>
}

/** `modelry serve` as it is shipped, on the stores under `home`; its log goes to a file there. */
export function startModelry(home: string, env: Readonly<Record<string, string>> = {}): Promise<Program> {
  return start([cliMain, 'serve', '--home', home, '--port', '0', '--json'], `${home}/server.log`, env)
}

/** A program of this folder that prints `{ "url": … }` when it is ready. */
export function startPeer(file: URL, args: readonly string[], log: string): Promise<Program> {
  return start([file.pathname, ...args], log, {})
}

async function start(
  args: readonly string[],
  log: string,
  env: Readonly<Record<string, string>>,
): Promise<Program> {
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', openSync(log, 'a')],
    env: { ...process.env, ...env },
  })
  const { pid } = child
  if (pid === undefined) throw new Error(`${args.join(' ')} could not be started`)
  const ended = once(child, 'exit')
  const url = await Promise.race([
    firstUrl(child),
    ended.then(([code]) => {
      throw new Error(`${args.join(' ')} ended with ${code} before it was ready; ${log} may say why`)
    }),
  ])
  return {
    url,
    pid,
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

/** The JSON may be spread over several lines. */
async function firstUrl({ stdout }: ChildProcess): Promise<string> {
  let text = ''
  for await (const piece of stdout ?? []) {
    text += piece
    const [, url] = /"url":\s*"([^"]+)"/.exec(text) ?? []
    if (url !== undefined) return url
  }
  throw new Error(`it printed no address but ${JSON.stringify(text)}`)
}
