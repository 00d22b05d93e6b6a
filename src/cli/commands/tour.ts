import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEngine } from '../../compose.js'
import { type Config, loadConfig } from '../../config.js'
import type { Registry } from '../../registry/registry.js'
import type { CliCommand } from '../command.js'
import { paintFor } from '../paint.js'
import { widthOf } from '../terminal.js'
import { nowhere, screen } from '../tour/stage.js'
import { runTour, type TourReport } from '../tour/tour.js'

export const tour: CliCommand = {
  examples: [{ what: 'Take the tour: less than a minute, and nothing is left behind', run: 'modelry tour' }],
  configure() {},
  async run(session) {
    const { stdout, env, signal } = session.terminal
    const { json } = session.options
    const paint = paintFor(stdout, env, session.options)
    const print = (line: string) => {
      stdout.write(`${line}\n`)
    }
    const stage = json ? nowhere : screen(print, paint, widthOf(stdout) ?? 80)
    const home = await mkdtemp(join(tmpdir(), 'modelry-tour-'))
    if (!json) print(`A registry in ${home}, from the first save to the first failure.`)
    let report: TourReport
    try {
      report = await inRegistry(home, (registry, config) => runTour(registry, config, stage, signal))
    } finally {
      await rm(home, { recursive: true, force: true })
    }
    if (json) return { json: report, text: () => '' }
    stage.step('Clean up')
    stage.say(`${home} is removed. The same with a model of your own starts here:`)
    stage.command('modelry save --help')
    return undefined
  },
}

/** Nothing of the user's own configuration counts here, and nothing of the user's is touched. */
async function inRegistry<T>(
  home: string,
  work: (registry: Registry, config: Config) => Promise<T>,
): Promise<T> {
  const { config } = await loadConfig({ flags: { home, actor: 'tour' }, env: {}, cwd: home })
  const { registry } = await openEngine(config)
  try {
    return await work(registry, config)
  } finally {
    await registry.close()
  }
}
