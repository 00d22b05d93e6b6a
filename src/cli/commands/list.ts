import { Option } from 'commander'
import { modelTypes } from '../../domain/metadata.js'
import { deploymentStatuses } from '../../domain/model-record.js'
import { modelOrders } from '../../domain/query.js'
import type { CliCommand } from '../command.js'
import { collect, moreLine, pagingOptions } from '../pages.js'
import { versionColumns } from '../record-text.js'
import { table } from '../table.js'

export const list: CliCommand = {
  examples: [
    { what: 'List what was saved last', run: 'modelry list --limit 20' },
    { what: 'List what is active in an environment', run: 'modelry list --env production' },
    { what: 'Find versions by tag and text', run: 'modelry list --tag team=quant --query btc' },
    { what: 'Hand everything to another program', run: 'modelry list --all --json' },
  ],
  configure(command) {
    command
      .addOption(new Option('--status <status>', 'only of this status').choices(deploymentStatuses))
      .addOption(new Option('--type <type>', 'only of this type').choices(modelTypes))
      .option('--env <environment>', 'only those that are active there')
      .option('--tag <name[=value]>', 'only those with this tag')
      .option('--query <text>', 'only those with this text in the name, the description or a tag')
      .addOption(new Option('--order <order>', 'newest first by default').choices(modelOrders))
    pagingOptions(command)
  },
  async run(session, _args, options) {
    const registry = await session.registry()
    const filter = {
      deploymentStatus: deploymentStatuses.find((status) => status === options.text('status')),
      modelType: modelTypes.find((type) => type === options.text('type')),
      environment: options.text('env'),
      tag: options.text('tag'),
      query: options.text('query'),
      orderBy: modelOrders.find((order) => order === options.text('order')),
    }
    const listing = await collect(session, options, (page) => registry.listModels({ ...filter, ...page }))
    const filtered = Object.values(filter).some((value) => value !== undefined)
    return {
      json: listing,
      text: (paint, { width }) =>
        listing.items.length > 0
          ? table(versionColumns('all models'), listing.items, width) + moreLine(listing)
          : filtered
            ? 'No version matches.'
            : `No version is saved yet. ${paint.command('modelry save --help')} shows how to save one.`,
    }
  },
}
