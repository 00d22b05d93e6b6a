import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Option } from 'commander'
import { diagnoseText } from '../../diagnosis/diagnose-text.js'
import type { Diagnosis, EvidenceShown } from '../../diagnosis/diagnosis.js'
import { operations } from '../../diagnosis/read/operations.js'
import { outcomeWords, retryWords } from '../../errors/pages/retry-words.js'
import type { CliCommand } from '../command.js'
import type { Paint } from '../paint.js'
import type { Session } from '../session.js'
import { shown, wrapped } from '../text.js'
import { UsageError } from '../usage-error.js'

/** A text is read whole, so that places in it can be told; a longer one is better cut first. */
const MAX_BYTES = 100 * 1024 * 1024

export const diagnose: CliCommand = {
  examples: [
    { what: 'Find the cause in a log', run: 'modelry diagnose train.log' },
    { what: 'Find it in what another program writes', run: 'cat train.log | modelry diagnose' },
    {
      what: 'Say what was being done, where the text does not',
      run: 'modelry diagnose train.log --operation upload',
    },
  ],
  configure(command) {
    command
      .argument('[file]', 'the text: a file, or - for standard input, which is read when absent')
      .addOption(
        new Option('--operation <operation>', 'what was being done, where it is known').choices(operations),
      )
  },
  async run(session, [file = '-'], options) {
    const text = await textOf(session, file)
    const operation = operations.find((known) => known === options.text('operation'))
    const diagnosis = diagnoseText(text, { operation })
    return {
      json: diagnosis,
      text: (paint, { width }) => textOfDiagnosis(diagnosis, text, paint, width ?? 80),
      exitCode: diagnosis.code === null ? 1 : 0,
    }
  },
}

async function textOf({ terminal, signal }: Session, file: string): Promise<string> {
  if (file === '-' && terminal.stdin.isTTY)
    throw new UsageError(
      'Name a file, or hand the text over: node train.js 2>&1 | modelry diagnose. With - it is read from the keyboard until Ctrl-D.',
    )
  const path = resolve(terminal.cwd, file)
  if (file !== '-') await refuseUnreadable(path, file)
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of file === '-' ? terminal.stdin : createReadStream(path, { signal })) {
    signal.throwIfAborted()
    const chunk = typeof piece === 'string' ? Buffer.from(piece) : piece
    bytes += chunk.length
    if (bytes > MAX_BYTES)
      throw new UsageError(
        `The text has more than ${MAX_BYTES / 1024 / 1024} MiB. Hand over the part around the failure: tail -n 10000 ${file === '-' ? 'FILE' : file} | modelry diagnose`,
      )
    pieces.push(chunk)
  }
  return Buffer.concat(pieces).toString('utf8')
}

async function refuseUnreadable(path: string, file: string): Promise<void> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) throw new UsageError(`There is no file ${file}.`)
  if (found.isDirectory()) throw new UsageError(`${file} is a folder. Name the log in it.`)
}

function textOfDiagnosis(diagnosis: Diagnosis, text: string, paint: Paint, width: number): string {
  const { code, cause, title, confidence, evidence, outcome, retry, steps, runbook, fix, considered } =
    diagnosis
  const fact = (name: string, value: string) => wrapped(shown(value), width, name.padEnd(12), ' '.repeat(12))
  const lines =
    code === null
      ? [paint.strong(`${title}.`)]
      : [
          `${paint.bad(`${code}/${cause}`)}`,
          '',
          wrapped(`${title}.`, width),
          '',
          fact('Confidence', `${Math.round(confidence * 100)} %`),
          fact('Outcome', outcomeWords[outcome]),
          fact('Retry', retryWords(retry)),
          ...(fix === null ? [] : [fact('Fix', `${fix.does} (${fix.applicability})`)]),
        ]
  const section = (name: string, found: readonly string[]) =>
    found.length === 0 ? [] : ['', paint.strong(name), ...found]
  lines.push(
    ...section(
      code === null ? 'What was looked at' : 'It rests on',
      evidence.map((each) => evidenceLine(each, text, width)),
    ),
    ...section('What to do', stepLines(diagnosis, paint, width)),
    ...section(
      'Also considered',
      considered.map((other) => `  ${other.code}/${other.cause}, ${Math.round(other.confidence * 100)} %`),
    ),
  )
  if (runbook !== null) lines.push('', `Runbook     ${runbook}`)
  if (code !== null && steps.length > 0)
    lines.push(`More        ${paint.command(`modelry explain ${code}/${cause}`)}`)
  return lines.join('\n')
}

function evidenceLine({ text: token, start, means }: EvidenceShown, text: string, width: number): string {
  const line = text.slice(0, start).split('\n').length
  return wrapped(shown(`line ${line}: ${token} (${means})`), width, '  - ', '    ')
}

function stepLines({ steps }: Diagnosis, paint: Paint, width: number): string[] {
  return steps.flatMap(({ text, run }, index) => [
    wrapped(shown(text), width, `  ${index + 1}. `, '     '),
    ...(run === undefined ? [] : [`     $ ${paint.command(shown(run))}`]),
  ])
}
