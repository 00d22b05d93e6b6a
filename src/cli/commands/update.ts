import type { CliCommand } from '../command.js'
import { found } from '../found.js'
import { each, eachPair, exactRef, type Options } from '../options.js'
import { UsageError } from '../usage-error.js'
import { recordText } from './get.js'

export const update: CliCommand = {
  examples: [
    { what: 'Describe a version', run: "modelry update btc-lstm@1.0.0 --description 'Trained on 2025'" },
    {
      what: 'Set one tag and remove another',
      run: 'modelry update btc-lstm@1.0.0 --tag team=quant --untag draft',
    },
  ],
  configure(command) {
    command
      .argument('<model@version>', 'the version')
      .option('--description <text>', "the new description; '' removes it")
      .option('--tag <name=value>', 'a tag to set; may be given several times', eachPair)
      .option('--untag <name>', 'a tag to remove; may be given several times', each)
      .addHelpText(
        'after',
        '\nAll tags are written together: of two that change tags of one version at the same moment, the later wins.',
      )
  },
  async run(session, [ref = ''], options) {
    const { id, version } = exactRef(ref, 'update')
    const description = options.text('description')
    const changesTags = options.list('tag').length + options.list('untag').length > 0
    if (description === undefined && !changesTags)
      throw new UsageError('There is nothing to change. Give --description, --tag or --untag.')
    const registry = await session.registry()
    const before = changesTags ? (await found(registry, id, version, { verify: 'none' })).tags : {}
    const record = await registry.updateMetadata(id, version, {
      ...(description === undefined ? {} : { description: description === '' ? null : description }),
      ...(changesTags ? { tags: tagsAfter(before, options) } : {}),
    })
    return { json: record, text: (paint, { width }) => recordText(record, paint, width) }
  },
}

function tagsAfter(before: Readonly<Record<string, string>>, options: Options): Record<string, string> {
  const removed = new Set(options.list('untag'))
  const kept = Object.entries(before).filter(([name]) => !removed.has(name))
  return { ...Object.fromEntries(kept), ...options.pairs('tag') }
}
