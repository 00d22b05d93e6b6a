import type { Deployment } from '../domain/deployment.js'
import type { Answer } from './command.js'
import type { Session } from './session.js'
import { time } from './text.js'

/** What `deploy` and `rollback` say, each with the way back. */
export function deploymentAnswer(
  session: Session,
  deployment: Deployment,
  made: 'deploy' | 'rollback',
): Answer {
  const {
    modelId,
    version,
    environment,
    previousVersion,
    deployedAt,
    deployedBy,
    approvedBy = [],
  } = deployment
  const approved = approvedBy.length === 0 ? '' : `, approved by ${approvedBy.join(' and ')}`
  return {
    json: deployment,
    text: (paint) =>
      [
        `${paint.good('Active')} in ${paint.strong(environment)}: ${paint.strong(`${modelId}@${version}`)}, since ${time(deployedAt)}, by ${deployedBy}${approved}.`,
        ...(previousVersion === undefined
          ? []
          : [
              made === 'deploy'
                ? `Before it was ${previousVersion}; ${paint.command(session.next(`rollback ${modelId} --env ${environment}`))} goes back.`
                : `Before it was ${previousVersion}; ${paint.command(session.next(`deploy ${modelId}@${previousVersion} --env ${environment}`))} makes it active again.`,
            ]),
      ].join('\n'),
  }
}
