import type { ErrorContext } from '../cause.js'
import { databaseCauses } from '../causes/groups.js'
import { aborted } from '../causes/objects.js'
import { byLikelihood, defineEntry } from '../entry.js'
import { ModelRegistryError, type ModelRegistryErrorOptions } from '../model-registry-error.js'
import { stateOfData } from '../state-of-data.js'
import { page } from './page.js'

export interface DatabaseErrorContext extends ErrorContext {
  readonly operation: string
}

/** The metadata database could not be reached or refused an operation. */
export class DatabaseError extends ModelRegistryError<DatabaseErrorContext> {
  static override readonly entry = defineEntry({
    ...page,
    code: 'DATABASE_ERROR',
    className: 'DatabaseError',
    title: 'The database failed',
    description: 'The metadata database could not be reached or refused an operation.',
    category: 'Database',
    severity: 'Critical',
    since: '0.1.0',
    status: 503,
    runbook: 'database-error',
    causes: byLikelihood(databaseCauses, aborted),
    happened: (c) => `The database failed in ${c.operation}`,
    outcome: (_c, outcome) =>
      stateOfData(outcome, {
        nothing: 'Nothing was changed.',
        done: 'The change is recorded.',
      }),
  })

  declare readonly code: 'DATABASE_ERROR'

  constructor(context: DatabaseErrorContext, options: ModelRegistryErrorOptions = {}) {
    super(DatabaseError.entry, context, options)
  }
}
