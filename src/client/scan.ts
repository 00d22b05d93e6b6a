import type { ScanFinding } from '../registry/registry.js'
import { scanFindingSchema } from '../wire/answers.js'
import type { Connection } from './connection.js'
import { askForLines, notUnderstood } from './ndjson.js'

const operation = 'scan'

/** @see Registry.scan */
export async function* scan(connection: Connection): AsyncGenerator<ScanFinding> {
  connection.refuseIfClosed(operation)
  for await (const line of askForLines(connection, { path: '/api/scan', operation })) {
    const finding = scanFindingSchema.safeParse(line)
    if (!finding.success) throw notUnderstood(connection, operation)
    yield finding.data
  }
}
