import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { PassThrough, type Readable } from 'node:stream'
import { onTestFinished } from 'vitest'
import { run } from './run.js'
import type { Output } from './terminal.js'

interface Result {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  /** What stdout holds, which must be JSON and nothing else. */
  readonly json: unknown
}

interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string
  /** What a person types at a terminal that is standard input. */
  readonly typed?: string
  readonly signal?: AbortSignal
  /** Called when something is written to standard output. */
  readonly onOutput?: () => void
  /** Called when something is written to standard error. */
  readonly onError?: () => void
  /** Columns of a terminal on both outputs; none by default. */
  readonly columns?: number
}

/** The command line in this process, in a folder of its own. */
export interface Cli {
  readonly folder: string
  /** Words are split at spaces; `'…'` keeps what is in it together. */
  (line: string, options?: RunOptions): Promise<Result>
  /** The same, for a command that must end with exit code 0. */
  ok(line: string, options?: RunOptions): Promise<Result>
  write(path: string, content: string | Uint8Array): Promise<void>
  /** Saves a version of a small JSON model. */
  save(ref: string, more?: string): Promise<void>
}

/** @see Cli. The folder is removed when the test ends. */
export async function cliInFolder(): Promise<Cli> {
  const cli = await openFolder()
  onTestFinished(() => cli[Symbol.asyncDispose]())
  return cli
}

/** The same for several tests; whoever opens it disposes of it. */
export async function openFolder(): Promise<Cli & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'modelry-cli-'))
  const cli = (line: string, options: RunOptions = {}) => runIn(folder, words(line), options)
  const ok = async (line: string, options: RunOptions = {}) => {
    const result = await cli(line, options)
    if (result.code !== 0)
      throw new Error(`${line} ended with ${result.code}:\n${result.stderr}${result.stdout}`)
    return result
  }
  const write = async (path: string, content: string | Uint8Array) => {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
  }
  const save = async (ref: string, more = '') => {
    const [id = '', version = ''] = ref.split('@')
    await write('model.json', JSON.stringify({ id, version }))
    await ok(
      `save model.json --id ${id} --version ${version} --type lstm --input-shape 60,5 --output-shape 1 ${more}`,
    )
  }
  const remove = () => rm(folder, { recursive: true, force: true })
  return Object.assign(cli, { folder, ok, write, save, [Symbol.asyncDispose]: remove })
}

async function runIn(folder: string, argv: readonly string[], options: RunOptions): Promise<Result> {
  const [stdin, stdout, stderr] = [new PassThrough(), sink(options.columns), sink(options.columns)]
  if (options.typed === undefined) stdin.end(options.stdin ?? '')
  else stdin.write(options.typed)
  if (options.onOutput !== undefined) stdout.output.on('data', options.onOutput)
  if (options.onError !== undefined) stderr.output.on('data', options.onError)
  const code = await run(argv, {
    stdin: Object.assign(stdin, { isTTY: options.typed !== undefined }),
    stdout: stdout.output,
    stderr: stderr.output,
    env: { MODELRY_ACTOR: 'tester', ...options.env },
    cwd: folder,
    signal: options.signal ?? new AbortController().signal,
  })
  return {
    code,
    stdout: stdout.text(),
    stderr: stderr.text(),
    get json(): unknown {
      return JSON.parse(stdout.text())
    },
  }
}

function sink(columns: number | undefined): { output: Output & Readable; text: () => string } {
  const chunks: Buffer[] = []
  const output = new PassThrough()
  output.on('data', (chunk: Buffer) => chunks.push(chunk))
  const text = () => Buffer.concat(chunks).toString('utf8')
  return { output: columns === undefined ? output : Object.assign(output, { isTTY: true, columns }), text }
}

function words(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|([^\s']+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '')
}
