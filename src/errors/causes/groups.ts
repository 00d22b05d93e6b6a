import type { Cause } from '../cause.js'
import { constraintCauses } from './constraints.js'
import { httpAnswerCauses } from './http-answer.js'
import { networkCauses } from './network.js'
import { postgresAccessCauses } from './postgres-access.js'
import { postgresConnectionCauses } from './postgres-connection.js'
import { postgresSchemaCauses } from './postgres-schema.js'
import { postgresServerCauses } from './postgres-server.js'
import { postgresTransactionCauses } from './postgres-transactions.js'
import { s3AccessCauses } from './s3-access.js'
import { s3CredentialCauses } from './s3-credentials.js'
import { s3ObjectCauses } from './s3-objects.js'
import { s3ServiceCauses } from './s3-service.js'
import { databaseFileGone, schemaNewer, schemaOlder, sqliteCauses, storeClosed } from './sqlite.js'
import { supabaseCauses } from './supabase.js'
import { tlsCauses } from './tls.js'

/** The other side was not reached, or something else answered for it. */
export const connectionCauses: readonly Cause[] = [...networkCauses, ...tlsCauses, ...httpAnswerCauses]

/** What every operation on S3 can meet. */
export const storeCauses: readonly Cause[] = [
  ...s3AccessCauses,
  ...s3CredentialCauses,
  ...s3ServiceCauses,
  ...s3ObjectCauses,
  ...connectionCauses,
]

/** What every operation on the database can meet, whichever it is. */
export const databaseCauses: readonly Cause[] = [
  ...sqliteCauses,
  ...postgresConnectionCauses,
  ...postgresAccessCauses,
  ...postgresTransactionCauses,
  ...constraintCauses,
  ...postgresSchemaCauses,
  ...postgresServerCauses,
  ...supabaseCauses,
  ...connectionCauses,
  databaseFileGone,
  schemaNewer,
  schemaOlder,
  storeClosed,
]
