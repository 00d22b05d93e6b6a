import { aborted } from '../errors/causes/objects.js'
import { filesMissing, modelMissing, transactionFailed, versionMissing } from '../errors/causes/registry.js'
import { pendingElsewhere } from '../errors/causes/spool.js'
import { DeploymentError } from '../errors/deployment-failed/error.js'
import { isModelRegistryError, type ModelRegistryError } from '../errors/model-registry-error.js'

export type DeploymentFacts = {
  readonly modelId: string
  readonly version?: string
  readonly environment: string
  /** Which step of the deployment failed. */
  readonly step: 'look-up' | 'policy' | 'files' | 'lock' | 'smoke-test' | 'activate'
  /** What is being done, when it is not a deployment: "The rollback". */
  readonly operation?: string
}

/**
 * What fails under a deployment is a failed deployment: the error says which step, and keeps what it was made of as its
 * cause.
 */
export async function asDeploymentError<T>(facts: DeploymentFacts, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!isModelRegistryError(error)) throw error
    const restated = deploymentError(facts, error)
    throw restated ?? error
  }
}

function deploymentError(facts: DeploymentFacts, cause: ModelRegistryError): DeploymentError | undefined {
  const { outcome } = cause
  if (cause.reason === aborted) return new DeploymentError(facts, { reason: aborted, cause, outcome })
  switch (cause.code) {
    case 'MODEL_NOT_FOUND': {
      const { availableVersions = [], didYouMean = [] } = cause.context
      const reason = cause.reason === modelMissing ? modelMissing : versionMissing
      return new DeploymentError({ ...facts, availableVersions, didYouMean }, { reason, cause, outcome })
    }
    case 'DATABASE_ERROR':
      return new DeploymentError(facts, { reason: transactionFailed, cause, outcome })
    case 'S3_DOWNLOAD_FAILED':
    case 'S3_ERROR':
    case 'S3_UNAVAILABLE': {
      const { s3Path, file, holder } = cause.context
      const known = {
        ...(s3Path === undefined ? {} : { s3Path }),
        ...(file === undefined ? {} : { file }),
        ...(holder === undefined ? {} : { holder }),
      }
      if (cause.reason === pendingElsewhere)
        return new DeploymentError({ ...facts, ...known }, { reason: pendingElsewhere, cause, outcome })
      const problem = cause.reason.because(cause.context)
      return new DeploymentError({ ...facts, ...known, problem }, { reason: filesMissing, cause, outcome })
    }
    default:
      return undefined
  }
}
