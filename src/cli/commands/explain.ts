import { readFile } from 'node:fs/promises'
import { sqliteCodes } from '../../diagnosis/read/sqlite-codes.js'
import { nearest } from '../../domain/nearest.js'
import { catalog, causesById } from '../../errors/catalog.js'
import type { Cause } from '../../errors/cause.js'
import { unknownCause } from '../../errors/causes/unknown.js'
import { type ErrorEntry, errorCodes } from '../../errors/entry.js'
import { causeJson, entryWithCauses } from '../../errors/pages/catalog-json.js'
import { causeMarkdown } from '../../errors/pages/cause-markdown.js'
import { overviewMarkdown } from '../../errors/pages/entry-markdown.js'
import { causesWithCode, foreignCodesOf } from '../../errors/pages/foreign-codes.js'
import type { Answer, CliCommand } from '../command.js'
import { markdownText } from '../markdown.js'
import { table } from '../table.js'
import { UsageError } from '../usage-error.js'

export const explain: CliCommand = {
  examples: [
    { what: 'Explain a code', run: 'modelry explain S3_UPLOAD_FAILED' },
    { what: 'Explain one cause of it', run: 'modelry explain S3_UPLOAD_FAILED/access-denied' },
    { what: 'Explain what another system calls it', run: 'modelry explain 23505' },
    { what: 'Read the runbook of a code', run: 'modelry explain S3_UPLOAD_FAILED --runbook' },
    { what: 'List all codes', run: 'modelry explain' },
  ],
  configure(command) {
    command
      .argument(
        '[what]',
        'a code, CODE/cause, or what S3, Node, Postgres or SQLite call it; all codes when absent',
      )
      .option('--runbook', 'print the runbook of the code')
  },
  async run(_session, [what], options) {
    if (what === undefined) return codesAnswer()
    const [name = '', causeId] = what.split('/', 2)
    const entry = entryOf(name)
    if (entry !== undefined && options.is('runbook')) return runbookAnswer(entry)
    if (entry !== undefined)
      return causeId === undefined ? entryAnswer(entry) : causesAnswer([causeOf(entry, causeId)])
    const causes = causesNamed(what)
    if (causes.length === 0) throw unknownName(what)
    return causesAnswer(causes)
  },
}

function codesAnswer(): Answer {
  const entries = errorCodes.map((code) => catalog[code])
  return {
    json: {
      items: entries.map(({ code, className, title, category, severity }) => ({
        code,
        className,
        title,
        category,
        severity,
      })),
    },
    text: (_paint, { width }) =>
      table(
        [
          { head: 'CODE', cell: ({ code }) => code },
          { head: 'CATEGORY', cell: ({ category }) => category },
          { head: 'SEVERITY', cell: ({ severity }) => severity },
          { head: 'WHAT', cell: ({ title }) => title, atLeast: 16 },
        ],
        entries,
        width,
      ),
  }
}

function entryAnswer(entry: ErrorEntry): Answer {
  return {
    json: entryWithCauses(entry),
    text: (paint, { width }) =>
      `${markdownText(overviewMarkdown(entry), paint, width ?? 80)}\n\n${paint.command(`modelry explain ${entry.code}/${entry.causes[0]?.id}`)} explains a cause, ${paint.command(`modelry explain ${entry.code} --runbook`)} prints the runbook.`,
  }
}

function causesAnswer(causes: readonly Cause[]): Answer {
  const [first, ...others] = causes
  return {
    json:
      first !== undefined && others.length === 0
        ? causeJson(first)
        : { items: causes.map((cause) => causeJson(cause)) },
    text: (paint, { width }) =>
      causes.map((cause) => markdownText(causeMarkdown(cause), paint, width ?? 80)).join('\n\n\n'),
  }
}

async function runbookAnswer(entry: ErrorEntry): Promise<Answer> {
  const path = `docs/runbooks/${entry.runbook}.md`
  const markdown = await readFile(new URL(`../../../${path}`, import.meta.url), 'utf8')
  return {
    json: { code: entry.code, runbook: path, markdown },
    text: (paint, { width }) => markdownText(markdown, paint, width ?? 80),
  }
}

const SHORTEST_GUESS = 4

/** A code in any spelling, or the name of its class. */
export function entryOf(name: string): ErrorEntry | undefined {
  const wanted = name.toUpperCase().replaceAll('-', '_')
  return Object.values(catalog).find(
    ({ code, className }) => code === wanted || className.toUpperCase() === wanted,
  )
}

/** @throws UsageError when the code has no such cause. */
export function causeOf({ code, causes }: ErrorEntry, id: string): Cause {
  const known = [...causes, unknownCause]
  const cause = known.find((each) => each.id === id.toLowerCase())
  if (cause !== undefined) return cause
  const meant = nearest(
    id.toLowerCase(),
    known.map((each) => each.id),
  )
  throw new UsageError(
    `${code} has no cause ${id}. ${meant.length > 0 ? `Did you mean ${meant.join(' or ')}?` : `modelry explain ${code} lists its causes.`}`,
  )
}

function causesNamed(name: string): readonly Cause[] {
  const cause = name === unknownCause.id ? unknownCause : causesById.get(name.toLowerCase())
  if (cause !== undefined) return [cause]
  const causes = causesWithCode(name)
  return causes.length > 0 ? causes : causesOfSqlite(name.toUpperCase())
}

/** Causes hold SQLite's codes as numbers; a name is of one of them, or of its primary code (the low 8 bits). */
function causesOfSqlite(name: string): readonly Cause[] {
  // A name that is none of the list goes by its beginning: SQLITE_IOERR_SHORT_READ is an SQLITE_IOERR.
  for (let known = name; known.includes('_'); known = known.slice(0, known.lastIndexOf('_'))) {
    const code = Object.hasOwn(sqliteCodes, known) ? sqliteCodes[known] : undefined
    if (code === undefined) continue
    const own = withSqliteCode(code)
    return own.length > 0 ? own : withSqliteCode(code & 0xff)
  }
  return []
}

function withSqliteCode(code: number): readonly Cause[] {
  return [...causesById.values()].filter((cause) =>
    foreignCodesOf(cause).some(({ of, codes }) => of === 'SQLite' && codes.includes(String(code))),
  )
}

export function unknownName(what: string): UsageError {
  const wanted = what.toUpperCase().replaceAll('-', '_')
  const foreign = [...causesById.values()].flatMap((cause) =>
    foreignCodesOf(cause).flatMap(({ codes }) => codes),
  )
  const names = [...causesById.keys(), ...foreign, ...Object.keys(sqliteCodes)]
  // Two edits make any three letters of any other three: a short word has no neighbours worth naming.
  const meant = what.length < SHORTEST_GUESS ? [] : [...nearest(wanted, errorCodes), ...nearest(what, names)]
  return new UsageError(
    `The catalog has no ${what}. ${meant.length > 0 ? `Did you mean ${meant.join(' or ')}?` : `modelry errors '${what.replaceAll("'", ' ')}' searches it, and modelry explain lists the codes.`}`,
  )
}
