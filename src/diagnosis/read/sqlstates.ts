/**
 * SQLSTATEs by the name of their condition (https://www.postgresql.org/docs/current/errcodes-appendix.html). Drivers
 * make class names of them: UniqueViolation in psycopg, UniqueViolationError in asyncpg.
 */
const conditions: Readonly<Record<string, string>> = {
  connection_exception: '08000',
  connection_does_not_exist: '08003',
  connection_failure: '08006',
  sqlclient_unable_to_establish_sqlconnection: '08001',
  sqlserver_rejected_establishment_of_sqlconnection: '08004',
  protocol_violation: '08P01',
  string_data_right_truncation: '22001',
  numeric_value_out_of_range: '22003',
  invalid_text_representation: '22P02',
  character_not_in_repertoire: '22021',
  untranslatable_character: '22P05',
  not_null_violation: '23502',
  foreign_key_violation: '23503',
  restrict_violation: '23001',
  unique_violation: '23505',
  check_violation: '23514',
  exclusion_violation: '23P01',
  read_only_sql_transaction: '25006',
  in_failed_sql_transaction: '25P02',
  idle_in_transaction_session_timeout: '25P03',
  transaction_timeout: '25P04',
  invalid_sql_statement_name: '26000',
  invalid_authorization_specification: '28000',
  invalid_password: '28P01',
  invalid_catalog_name: '3D000',
  invalid_schema_name: '3F000',
  serialization_failure: '40001',
  transaction_integrity_constraint_violation: '40002',
  statement_completion_unknown: '40003',
  deadlock_detected: '40P01',
  syntax_error: '42601',
  insufficient_privilege: '42501',
  undefined_column: '42703',
  undefined_function: '42883',
  undefined_table: '42P01',
  duplicate_prepared_statement: '42P05',
  disk_full: '53100',
  out_of_memory: '53200',
  too_many_connections: '53300',
  configuration_limit_exceeded: '53400',
  lock_not_available: '55P03',
  query_canceled: '57014',
  admin_shutdown: '57P01',
  crash_shutdown: '57P02',
  cannot_connect_now: '57P03',
  database_dropped: '57P04',
  idle_session_timeout: '57P05',
  io_error: '58030',
  internal_error: 'XX000',
  data_corrupted: 'XX001',
  index_corrupted: 'XX002',
}

/** Every spelling of a condition that drivers use, with its SQLSTATE. */
export function* conditionNames(): Generator<readonly [name: string, sqlstate: string]> {
  for (const [name, sqlstate] of Object.entries(conditions)) {
    const camel = name
      .split('_')
      .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
      .join('')
    yield [name, sqlstate]
    yield [camel, sqlstate]
    if (!camel.endsWith('Error')) yield [`${camel}Error`, sqlstate]
    if (camel.includes('Sql')) yield [`${camel.replaceAll('Sql', 'SQL')}Error`, sqlstate]
  }
}

/** Conditions whose name many other programs use too. */
export const commonConditions: ReadonlySet<string> = new Set([
  ...['syntax_error', 'SyntaxError', 'SyntaxErrorError', 'internal_error', 'InternalError'],
  ...['out_of_memory', 'OutOfMemory', 'OutOfMemoryError', 'disk_full', 'DiskFull', 'io_error', 'IoError'],
  ...['InternalErrorError', 'InvalidPassword', 'invalid_password'],
])
