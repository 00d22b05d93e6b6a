import { CommanderError } from 'commander'
import { UsageError } from './usage-error.js'

/** What is wrong with the command line, as sentences, and where to read how it is right. */
export function usageSentences(error: Error): string {
  if (error instanceof UsageError) return error.message
  if (error instanceof CommanderError && error.code === 'commander.help')
    return 'There is a command missing. modelry --help lists the commands, modelry tour shows them at work.'
  const [, text = ''] = /^error: (.*)$/s.exec(error.message) ?? [undefined, error.message]
  const [first = '', ...hints] = text
    .split('\n')
    .map((line) => line.replace(/^\((.*)\)$/, '$1').trim())
    .filter((line) => line !== '')
  const sentences = [`${first.charAt(0).toUpperCase()}${first.slice(1)}`, ...hints].map(ended)
  return [...sentences, 'Add --help to see how it is used.'].join(' ')
}

function ended(text: string): string {
  return /[.?!]$/.test(text) ? text : `${text}.`
}
