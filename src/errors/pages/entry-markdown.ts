import { unknownCause } from '../causes/unknown.js'
import type { ErrorEntry } from '../entry.js'
import { type EntryJson, entryJson } from './catalog-json.js'
import { causeSection } from './cause-markdown.js'
import { bullets, code, md, numbered, section } from './markdown.js'
import { retryWords } from './retry-words.js'

/**
 * The page of a code with every cause of it in full: `docs/errors/<CODE>.md`, and what the server shows there.
 *
 * @param toRunbook - where the runbook lies from this page.
 */
export function entryMarkdown(entry: ErrorEntry, toRunbook: string): string {
  const causes = [...entry.causes, unknownCause]
  return `${[
    ...overview(entryJson(entry), `[${entry.runbook}](${toRunbook})`),
    ...section(
      'Causes, most likely first',
      causes.map(({ id, title }) => `- [${id}](#${id}): ${md(title)}`),
    ),
    ...causes.flatMap((cause) => causeSection(entry, cause)),
  ].join('\n')}\n`
}

/** The same with the names of its causes alone, for a terminal. */
export function overviewMarkdown(entry: ErrorEntry): string {
  const shown = entryJson(entry)
  const causes = entry.causes.map(({ id, title, retry }) => `- ${code(id)}: ${md(title)} (${retry})`)
  return `${[...overview(shown, shown.runbook), ...section('Causes, most likely first', causes)].join('\n')}\n`
}

function overview(entry: EntryJson, runbook: string): string[] {
  const rows = [
    ['Category', entry.category],
    ['Severity', entry.severity],
    ['Class', code(entry.className)],
    ['HTTP status', `${entry.status}, where the cause has none of its own`],
    ['Retry', `${entry.retry.advice}; ${retryWords(entry.retry)}`],
    ['Since', entry.since],
    ['Runbook', runbook],
  ]
  return [
    `# ${entry.code}`,
    '',
    `**${md(entry.title)}.** ${md(entry.description)}`,
    '',
    '| | |',
    '| --- | --- |',
    ...rows.map(([name, value]) => `| ${name} | ${value} |`),
    ...section('What became of the data', outcomeLines(entry)),
    ...section('What to do before the cause is known', [
      ...numbered(entry.troubleshooting),
      ...noteOnOtherStores(entry.troubleshooting),
    ]),
    ...section('What ends by itself', entry.healsByItself === undefined ? [] : [md(entry.healsByItself)]),
    ...section(
      'What an administrator may force',
      entry.adminMayForce === undefined ? [] : [md(entry.adminMayForce)],
    ),
    ...section('How to keep it from happening', bullets(entry.prevention)),
    ...section('Example', ['```ts', entry.example.trimEnd(), '```']),
    ...section(
      'Read more',
      entry.relatedDocs.map(({ title, url }) => `- [${md(title)}](${url})`),
    ),
  ]
}

/** An error names its store, and has these commands for it. A page cannot. */
function noteOnOtherStores(steps: EntryJson['troubleshooting']): string[] {
  if (!steps.some(({ run }) => run?.startsWith('aws s'))) return []
  return [
    '',
    'For a store other than AWS, add `--endpoint-url URL` to `aws s3` and `aws s3api`, and leave out what asks AWS itself,',
    'such as `aws sts`. The steps of an error from such a store are so already.',
  ]
}

function outcomeLines({ outcomes, happened }: EntryJson): string[] {
  const message = `The message begins with "${md(happened)}, because …".`
  const [one, ...others] = new Set(Object.values(outcomes))
  if (one !== undefined && others.length === 0) return [`${message} Whatever the outcome: ${md(one)}`]
  return [
    `${message} Then it says one of these:`,
    '',
    ...Object.entries(outcomes).map(([outcome, sentence]) => `- ${code(outcome)}: ${md(sentence)}`),
  ]
}
