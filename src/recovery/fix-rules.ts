import { catalog } from '../errors/catalog.js'
import { concurrentDeploymentFixes } from '../errors/concurrent-deployment/fix.js'
import { databaseFixes } from '../errors/database-error/fix.js'
import { deploymentFixes } from '../errors/deployment-failed/fix.js'
import { duplicateModelFixes } from '../errors/duplicate-model/fix.js'
import type { Fix, FixRule } from '../errors/fix.js'
import { invalidPathFixes } from '../errors/invalid-s3-path/fix.js'
import { notFoundFixes } from '../errors/model-not-found/fix.js'
import { isModelRegistryError, type ModelRegistryError } from '../errors/model-registry-error.js'
import { validationFixes } from '../errors/model-validation-failed/fix.js'
import { deleteFixes } from '../errors/s3-delete-failed/fix.js'
import { downloadFixes } from '../errors/s3-download-failed/fix.js'
import { storeFixes } from '../errors/s3-error/fix.js'

/** What fails when the store does. S3_DELETE_FAILED has no repair. */
const STORE_CODES = [
  ...(['CIRCUIT_BREAKER_OPEN', 'S3_UNAVAILABLE', 'S3_ERROR'] as const),
  ...(['S3_UPLOAD_FAILED', 'S3_DOWNLOAD_FAILED'] as const),
] as const

/** What can be done about which failure; the first rule that fits decides. */
export const fixRules: readonly FixRule[] = [
  ...downloadFixes,
  ...STORE_CODES.flatMap((code) => storeFixes(code, catalog[code].causes)),
  ...deleteFixes,
  ...invalidPathFixes,
  ...validationFixes,
  ...deploymentFixes,
  ...concurrentDeploymentFixes,
  ...duplicateModelFixes,
  ...databaseFixes,
  ...notFoundFixes,
]

export type ChosenFix =
  /** `error` is the failure that the fix repairs: the one that was asked about, or one underneath it. */
  | { readonly is: 'fix'; readonly fix: Fix; readonly error: ModelRegistryError }
  | { readonly is: 'none'; readonly reason: string }

/** The repair of a failure, or why there is none. */
export function chooseFix(error: ModelRegistryError, rules: readonly FixRule[] = fixRules): ChosenFix {
  let failure = error
  // A chain of causes has no end that could be relied on.
  for (let depth = 0; depth < 8; depth++) {
    const { code, reason, context, cause } = failure
    const rule = rules.find(
      (one) =>
        one.code === code &&
        (one.causes === 'all' || one.causes.some(({ id }) => id === reason.id)) &&
        (one.when?.(context) ?? true),
    )
    if (rule === undefined) break
    if ('fix' in rule) return { is: 'fix', fix: rule.fix, error: failure }
    if ('none' in rule) return { is: 'none', reason: rule.none }
    if (!isModelRegistryError(cause)) break
    failure = cause
  }
  return { is: 'none', reason: withoutRule(failure) }
}

function withoutRule({ reason, retry }: ModelRegistryError): string {
  switch (retry.advice) {
    case 'never':
      return `Nothing can be repaired (${reason.id}): the call asks for what cannot be, and has to ask for something else.`
    case 'after-fix':
      return `Nothing here can be repaired by itself (${reason.id}): the steps of the error say what a person can do.`
    case 'safe':
      return `Nothing is broken that could be repaired (${reason.id}): the same call may be made again as it is.`
  }
}
