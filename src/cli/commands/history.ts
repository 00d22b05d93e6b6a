import { z } from 'zod'
import { breakerStatsSchema } from '../../domain/breaker.js'
import type { CliCommand } from '../command.js'
import { requireModel } from '../found.js'
import { splitRef } from '../options.js'
import { collect, moreLine, pagingOptions } from '../pages.js'
import { table } from '../table.js'
import { time } from '../text.js'

export const history: CliCommand = {
  examples: [
    { what: 'List what was done last', run: 'modelry history --limit 20' },
    { what: 'List what was done to a version', run: 'modelry history btc-lstm@1.0.0' },
  ],
  configure(command) {
    command.argument('[model[@version]]', 'a model or a version; everything when absent')
    pagingOptions(command)
  },
  async run(session, [ref], options) {
    const registry = await session.registry()
    const { id: modelId, version } = ref === undefined ? { id: undefined, version: undefined } : splitRef(ref)
    const listing = await collect(session, options, (page) =>
      registry.listHistory({ modelId, version, ...page }),
    )
    if (listing.items.length === 0 && modelId !== undefined) await requireModel(registry, modelId)
    return {
      json: listing,
      text: (_paint, { width }) =>
        listing.items.length === 0
          ? 'Nothing was done yet.'
          : table(
              [
                { head: 'WHEN', cell: ({ at }) => time(at) },
                { head: 'WHO', cell: ({ actor }) => actor, atLeast: 6 },
                { head: 'WHAT', cell: ({ action }) => action },
                { head: 'MODEL', cell: ({ modelId }) => modelId, atLeast: 12 },
                { head: 'VERSION', cell: ({ version }) => version ?? '', atLeast: 8 },
                { head: 'ENVIRONMENT', cell: ({ environment }) => environment ?? '', atLeast: 8 },
                { head: 'DETAILS', cell: ({ details }) => detailsOf(details), atLeast: 8 },
              ],
              listing.items,
              width,
            ) + moreLine(listing),
    }
  },
}

const breakerReset = z.object({
  circuits: z.array(breakerStatsSchema.pick({ endpoint: true, bucket: true }).extend({ was: z.string() })),
})

function detailsOf(details: Readonly<Record<string, unknown>>): string {
  const reset = breakerReset.safeParse(details)
  if (reset.success)
    return reset.data.circuits
      .map(({ endpoint, bucket, was }) => `${bucket} at ${endpoint} was ${was}`)
      .join(', ')
  return Object.entries(details)
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ')
}
