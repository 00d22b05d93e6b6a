import type { CliCommand } from '../command.js'
import { found } from '../found.js'
import { readRef } from '../options.js'
import { withProgress } from '../progress.js'
import { refOf } from '../record-text.js'
import { count, size } from '../text.js'

export const verify: CliCommand = {
  examples: [{ what: 'Read every file of a version and check it', run: 'modelry verify btc-lstm@1.0.0' }],
  configure(command) {
    command.argument('<model[@version]>', 'a version, an alias or latest behind the @; latest when absent')
  },
  async run(session, [ref = '']) {
    const { id, version } = readRef(ref)
    const registry = await session.registry()
    const record = await withProgress(session, 'Verifying', (onProgress) =>
      found(registry, id, version, { verify: 'content', signal: session.signal, onProgress }),
    )
    return {
      json: { modelId: record.modelId, version: record.version, verified: true, files: record.files },
      text: (paint) =>
        `${paint.good('Verified')} ${paint.strong(refOf(record))}: ${count(record.files.length, 'file')}, ${size(record.size)}, each as it was saved.`,
    }
  },
}
