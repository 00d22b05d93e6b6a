import type { Cause, ErrorContext, Step } from '../cause.js'

/**
 * Stands in for the values of a failure that has not happened. As in the causes' own commands, what a reader has to fill
 * in is in capitals. Left out is what the causes put into words by themselves, such as "the bucket".
 */
export const placeholders: ErrorContext = {
  modelId: 'MODEL',
  version: 'VERSION',
  environment: 'ENVIRONMENT',
  alias: 'ALIAS',
  file: 'FILE',
  localPath: 'FOLDER/FILE',
}

/** The same for the sentence that says what happened, which names the whole address. */
export const placeholdersOfMessage: ErrorContext = {
  ...placeholders,
  operation: 'OPERATION',
  s3Path: 's3://BUCKET/KEY',
  invalidPath: 'PATH',
}

/** What to do about a cause, for whoever reads of it before it happens. */
export function stepsOf(cause: Cause): readonly Step[] {
  return cause.steps(placeholders)
}

/** Why, as a clause without its full stop. */
export function becauseOf(cause: Cause): string {
  return cause.because(placeholders)
}
