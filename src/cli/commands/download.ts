import { stat } from 'node:fs/promises'
import { relative, resolve } from 'node:path'
import { refuse } from '../../domain/refuse.js'
import type { CliCommand } from '../command.js'
import { readRef } from '../options.js'
import { withProgress } from '../progress.js'
import { refOf } from '../record-text.js'
import { count, shown, size } from '../text.js'

export const download: CliCommand = {
  examples: [
    { what: 'Write the files into ./btc-lstm-1.0.0', run: 'modelry download btc-lstm@1.0.0' },
    { what: 'Write those of an alias into a folder', run: 'modelry download btc-lstm@champion -o ./serving' },
  ],
  configure(command) {
    command
      .argument('<model[@version]>', 'a version, an alias or latest behind the @; latest when absent')
      .option('-o, --output <folder>', 'where to write; ./<model>-<version> when absent')
  },
  async run(session, [ref = ''], options) {
    const { id, version } = readRef(ref)
    const { cwd } = session.terminal
    const { signal } = session
    const registry = await session.registry()
    const model = await registry.loadModel(id, version, { signal })
    const { record } = model
    const folder = resolve(
      cwd,
      options.text('output') ?? `${record.modelId.replace('/', '-')}-${record.version}`,
    )
    const there = await stat(folder).catch(() => undefined)
    if (there?.isFile())
      throw refuse('output', folder, 'a folder; that path is a file, and -o names a folder', 'download')
    const paths = await withProgress(session, 'Downloading', (onProgress) =>
      model.saveTo(folder, { signal, onProgress }),
    )
    return {
      json: { modelId: record.modelId, version: record.version, folder, files: paths },
      text: (paint) =>
        [
          `${paint.good('Downloaded')} ${paint.strong(refOf(record))}: ${count(paths.length, 'file')}, ${size(record.size)}, each with the sha256 that was recorded.`,
          ...paths.map((path) => `  ${shown(relative(cwd, path) || path)}`),
        ].join('\n'),
    }
  },
}
