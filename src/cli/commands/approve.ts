import type { CliCommand } from '../command.js'
import { refuseAlias } from '../found.js'
import { exactRef } from '../options.js'
import { approvalsOf, refOf } from '../record-text.js'
import { UsageError } from '../usage-error.js'

export const approve: CliCommand = {
  examples: [
    { what: 'Say that a version may go live', run: 'modelry approve btc-lstm@1.1.0 --env production' },
    { what: 'Take that back', run: 'modelry approve btc-lstm@1.1.0 --env production --revoke' },
    {
      what: 'Take back what somebody else approved',
      run: 'modelry approve btc-lstm@1.1.0 --env production --revoke --of bob',
    },
  ],
  configure(command) {
    command
      .argument('<model@version>', 'the version to approve')
      .argument('[version]', 'the version, where it does not stand behind the @')
      .requiredOption('--env, --environment <environment>', 'where it may become active')
      .option('--revoke', 'take the approval back')
      .option('--of <actor>', 'with --revoke: whose approval; your own by default')
  },
  async run(session, [ref = '', apart], options) {
    const { id, version } = exactRef(apart === undefined ? ref : `${ref}@${apart}`, 'approve')
    const environment = options.required('environment')
    const approvedBy = options.text('of')
    if (approvedBy !== undefined && !options.is('revoke'))
      throw new UsageError('--of says whose approval is taken back, and goes with --revoke.')
    await refuseAlias(session, id, version, 'approve')
    const registry = await session.registry()
    const record = options.is('revoke')
      ? await registry.revokeApproval(id, version, environment, { approvedBy })
      : await registry.approveDeployment(id, version, environment)
    const by = approvalsOf(record, environment)
    return {
      json: record,
      text: (paint) =>
        `${paint.strong(refOf(record))} is approved for ${paint.strong(environment)} by ${by.length === 0 ? 'nobody' : by.join(', ')}.`,
    }
  },
}
