import type { CliCommand } from '../command.js'
import { deploymentAnswer } from '../deployment-text.js'
import { recordBefore } from '../found.js'
import { duration, exactRef } from '../options.js'

export const deploy: CliCommand = {
  examples: [
    { what: 'Make a version active', run: 'modelry deploy btc-lstm@1.1.0 --env production' },
    {
      what: 'Only if the version that you looked at is still active',
      run: 'modelry deploy btc-lstm@1.1.0 --env production --expect 1.0.0',
    },
    {
      what: 'Let another deployment that is under way end first',
      run: 'modelry deploy btc-lstm@1.1.0 --env staging --wait 10s',
    },
  ],
  configure(command) {
    command
      .argument('<model@version>', 'the version to deploy')
      .requiredOption('--env <environment>', 'where it becomes active')
      .option('--expect <version>', 'deploy only if this version is active there; none for no version')
      .option('--wait <duration>', 'how long to wait for another deployment to end, such as 10s', duration)
  },
  async run(session, [ref = ''], options) {
    const { id, version } = exactRef(ref, 'deploy')
    const expect = options.text('expect')
    const registry = await session.registry()
    const environment = options.required('env')
    const before = await recordBefore(registry, id, version)
    const deployment = await registry.deployModel(id, version, {
      environment,
      ...(expect === undefined ? {} : { expectedActive: expect === 'none' ? null : expect }),
      waitMs: options.number('wait'),
      signal: session.signal,
    })
    const answer = deploymentAnswer(session, deployment, 'deploy')
    if (before?.storage === 'pending') {
      const { remote } = (await session.config()).config
      // Which is refused where a server is named.
      const sync = remote === undefined ? session.next('sync') : 'modelry sync'
      return {
        ...answer,
        text: (paint, screen) =>
          `${answer.text(paint, screen)}\nIts files are still pending on one machine. Others can load it once they are carried over: by a server there as soon as the store is back, or by ${sync} there.`,
      }
    }
    if (!before?.environments.includes(environment)) return answer
    return { ...answer, text: (paint, screen) => `Nothing changed. ${answer.text(paint, screen)}` }
  },
}
