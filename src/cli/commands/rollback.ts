import type { CliCommand } from '../command.js'
import { deploymentAnswer } from '../deployment-text.js'
import { duration } from '../options.js'

export const rollback: CliCommand = {
  examples: [{ what: 'Go back to the version before', run: 'modelry rollback btc-lstm --env production' }],
  configure(command) {
    command
      .argument('<model>', 'name of the model')
      .requiredOption('--env <environment>', 'where to go back')
      .option('--wait <duration>', 'how long to wait for another deployment to end, such as 10s', duration)
  },
  async run(session, [id = ''], options) {
    const registry = await session.registry()
    const deployment = await registry.rollbackDeployment(id, options.required('env'), {
      waitMs: options.number('wait'),
      signal: session.signal,
    })
    return deploymentAnswer(session, deployment, 'rollback')
  },
}
