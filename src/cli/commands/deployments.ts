import type { Deployment } from '../../domain/deployment.js'
import type { CliCommand } from '../command.js'
import { requireModel } from '../found.js'
import { collect, moreLine, pagingOptions } from '../pages.js'
import { table } from '../table.js'
import { time } from '../text.js'

export const deployments: CliCommand = {
  examples: [
    { what: 'List the deployments of a model', run: 'modelry deployments btc-lstm' },
    { what: 'List those of all models in an environment', run: 'modelry deployments --env production' },
  ],
  configure(command) {
    command
      .argument('[model]', 'name of the model; all models when absent')
      .option('--env <environment>', 'only of this environment')
    pagingOptions(command)
  },
  async run(session, [modelId], options) {
    const registry = await session.registry()
    const environment = options.text('env')
    const listing = await collect(session, options, (page) =>
      registry.listDeployments({ modelId, environment, ...page }),
    )
    if (listing.items.length === 0 && modelId !== undefined) await requireModel(registry, modelId)
    return {
      json: listing,
      text: (_paint, { width }) =>
        listing.items.length === 0
          ? 'No deployment was made yet.'
          : table(
              [
                { head: 'MODEL', cell: ({ modelId }) => modelId, atLeast: 12 },
                { head: 'VERSION', cell: ({ version }) => version, atLeast: 12 },
                { head: 'ENVIRONMENT', cell: ({ environment }) => environment, atLeast: 10 },
                {
                  head: 'STATUS',
                  cell: ({ status, rollbackOf }) =>
                    rollbackOf === undefined ? status : `${status}, rollback`,
                },
                { head: 'FENCE', cell: ({ fence }) => String(fence), align: 'right' },
                { head: 'SINCE', cell: ({ deployedAt }) => time(deployedAt) },
                { head: 'BY', cell: whoOf, atLeast: 6 },
              ],
              listing.items,
              width,
            ) + moreLine(listing),
    }
  },
}

function whoOf({ deployedBy, approvedBy = [] }: Deployment): string {
  return approvedBy.length === 0 ? deployedBy : `${deployedBy}, approved by ${approvedBy.join(', ')}`
}
