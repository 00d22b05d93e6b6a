import { Option } from 'commander'
import { searchCatalog } from '../../diagnosis/search-catalog.js'
import { categories, retryAdvices, severities } from '../../errors/pages/catalog-items.js'
import type { CliCommand } from '../command.js'
import { table } from '../table.js'

export const errors: CliCommand = {
  examples: [
    { what: 'List all codes', run: 'modelry errors' },
    { what: 'Search by words, and with typing errors', run: 'modelry errors upload denied' },
    { what: 'Search by what another system says', run: 'modelry errors SlowDown' },
    { what: 'List what may be tried again as it is', run: 'modelry errors --retry safe' },
  ],
  configure(command) {
    command
      .argument('[query...]', 'codes, causes, words, or codes of other systems; all codes when absent')
      .addOption(anyCase(new Option('--category <category>', 'only of this category'), categories))
      .addOption(anyCase(new Option('--severity <severity>', 'only of this severity'), severities))
      .addOption(
        anyCase(new Option('--retry <advice>', 'only with this advice on trying again'), retryAdvices),
      )
      .option('--fixable', 'only where a repair that runs exists')
  },
  async run(_session, words, options) {
    const items = searchCatalog(words.join(' '), {
      category: categories.find((known) => known === options.text('category')),
      severity: severities.find((known) => known === options.text('severity')),
      retry: retryAdvices.find((known) => known === options.text('retry')),
      fixable: options.is('fixable') ? true : undefined,
    })
    return {
      json: { items },
      text: (paint, { width }) =>
        items.length === 0
          ? `Nothing in the catalog fits. ${paint.command('modelry errors')} lists the codes, and ${paint.command('modelry diagnose')} reads a whole log.`
          : table(
              [
                {
                  head: 'ERROR',
                  cell: ({ code, cause }) => (cause === undefined ? code : `${code}/${cause}`),
                },
                { head: 'WHAT', cell: ({ title }) => title, atLeast: 16 },
                { head: 'SEVERITY', cell: ({ severity }) => severity },
                { head: 'RETRY', cell: ({ retry }) => retry },
              ],
              items,
              width,
            ),
      exitCode: items.length === 0 ? 1 : 0,
    }
  },
}

/** Choices that may be written in capitals or not. */
function anyCase(option: Option, choices: readonly string[]): Option {
  option.choices(choices)
  const choose = option.parseArg
  return option.argParser((value: string, before) => {
    const choice = choices.find((known) => known.toLowerCase() === value.toLowerCase())
    return choose?.call(option, choice ?? value, before)
  })
}
