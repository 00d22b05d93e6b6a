import type { Cause } from '../cause.js'
import type { ErrorEntry } from '../entry.js'
import { causeJson } from './catalog-json.js'
import { code, md, numbered } from './markdown.js'
import { outcomeWords, retryWords } from './retry-words.js'

/** What one cause says, below a heading that is its id, so that the id is its anchor wherever Markdown is shown. */
export function causeSection(entry: ErrorEntry, cause: Cause): string[] {
  return ['', `### ${cause.id}`, '', ...causeLines(cause, entry)]
}

/** The page of one cause by itself. */
export function causeMarkdown(cause: Cause): string {
  const { errors } = causeJson(cause)
  const leads = errors.map(code).join(', ')
  return `${[`# ${cause.id}`, '', ...causeLines(cause), '', `Leads to ${leads}.`].join('\n')}\n`
}

function causeLines(cause: Cause, entry?: ErrorEntry): string[] {
  const { title, because, retry, outcome, status, foreignCodes, fix, steps, source } = causeJson(cause, entry)
  const facts = [
    `Retry: ${code(retry.advice)}; ${retryWords(retry)}.`,
    `Outcome: ${code(outcome)}; ${outcomeWords[outcome]}.`,
    ...(status === undefined ? [] : [`HTTP status: ${status}.`]),
    ...(fix === undefined ? [] : [`Fix: ${md(fix.does)} (${fix.applicability}).`]),
    ...foreignCodes.map(({ of, codes }) => `${of}: ${codes.map(code).join(', ')}.`),
    ...(source === 'modelry' ? [] : [`Source: <${source}>`]),
  ]
  return [
    `**${md(title)}**: ${md(because)}.`,
    '',
    ...facts.map((fact) => `- ${fact}`),
    '',
    'What to do:',
    '',
    ...numbered(steps),
  ]
}
