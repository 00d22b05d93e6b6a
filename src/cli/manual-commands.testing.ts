import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { Writable } from 'node:stream'
import { CommanderError } from 'commander'
import { catalog, causesById } from '../errors/catalog.js'
import { unknownCause } from '../errors/causes/unknown.js'
import { facts } from '../errors/testing/samples.js'
import { createProgram } from './program.js'

const root = join(import.meta.dirname, '../..')

/** A command of modelry, and where a reader is told to run it. */
export interface ManualCommand {
  readonly from: string
  /** Whether it stands in a sentence, where its name may do. */
  readonly mentioned: boolean
  /** Without `modelry` itself. */
  readonly words: readonly string[]
  readonly line: string
}

/** Every command of modelry in the guides, the runbooks, and the steps of the catalog. */
export function manualCommands(): readonly ManualCommand[] {
  return [...sources()].flatMap(({ from, line, mentioned = false }) =>
    callsIn(line).map((words) => ({ from, mentioned, words, line: `modelry ${words.join(' ')}` })),
  )
}

/** The guides that people write; what is made from the sources is left to their own tests. */
export function manualFiles(): string[] {
  const docs = join(root, 'docs')
  const pages = readdirSync(docs, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.md') && !path.startsWith('errors/'))
  return [join(root, 'README.md'), ...pages.map((path) => join(docs, path))]
}

function* sources(): Generator<{ from: string; line: string; mentioned?: boolean }> {
  for (const path of manualFiles()) {
    const from = relative(root, path)
    const text = readFileSync(path, 'utf8')
    for (const [, block = ''] of text.matchAll(/^ *```sh\n([\s\S]*?)^ *```$/gm))
      for (const line of block.replaceAll(/\\\n/g, '').split('\n')) yield { from, line }
    for (const [, code = ''] of text.replaceAll(/^ *```[\s\S]*?^ *```$/gm, '').matchAll(/`([^`]+)`/g))
      yield { from, line: code.replaceAll('\n', ' '), mentioned: true }
  }
  for (const entry of Object.values(catalog))
    for (const { run = '' } of entry.troubleshooting) yield { from: entry.code, line: run }
  for (const cause of [...causesById.values(), unknownCause])
    for (const { run = '' } of [...cause.steps({}), ...cause.steps(facts)])
      yield { from: cause.id, line: run }
}

/** What a line of a shell calls modelry with; comments, and what other programs get, left out. */
function callsIn(line: string): string[][] {
  return splitCommands(line)
    .map((words) => (words[0] === 'npx' ? words.slice(1) : words))
    .map((words) =>
      words.slice(0, 4).join(' ') === 'npm run modelry --' ? words.slice(2).toSpliced(1, 1) : words,
    )
    .filter(([program, ...rest]) => program === 'modelry' && rest.length > 0)
    .map(([, ...rest]) => rest)
}

/** The commands of one line of a shell, each as its words: enough of the syntax for what a manual has. */
function splitCommands(line: string): string[][] {
  const commands: string[][] = [[]]
  for (const [, single, double, operator, bare] of line.matchAll(
    /'([^']*)'|"([^"]*)"|(\|\||&&|[|;]|<\(|\)|2>&1|#.*$)|([^\s'"|;()]+)/g,
  )) {
    if (operator?.startsWith('#') || operator === '2>&1') continue
    if (operator !== undefined) commands.push([])
    else commands.at(-1)?.push(single ?? double ?? bare ?? '')
  }
  return commands
}

/** What a command that is only mentioned need not have. */
const LEFT_OUT = ['commander.missingArgument', 'commander.missingMandatoryOptionValue', 'commander.help']

/** What is wrong with a command line; undefined where the program takes it. Nothing is run. */
export async function refusalOf({
  words,
  mentioned,
}: Pick<ManualCommand, 'words' | 'mentioned'>): Promise<string | undefined> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const program = createProgram({ stdout: nowhere, stderr: nowhere }, async () => {})
  try {
    await program.parseAsync([...words], { from: 'user' })
    return undefined
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0 || (mentioned && LEFT_OUT.includes(error.code))) return undefined
    return error.message
  }
}
