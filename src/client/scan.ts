import { serverFailed } from '../errors/causes/http.js'
import { reviveError } from '../errors/revive.js'
import { S3UnavailableError } from '../errors/s3-unavailable/error.js'
import type { ScanFinding } from '../registry/registry.js'
import { scanFindingSchema } from '../wire/answers.js'
import { NDJSON_TYPE } from '../wire/headers.js'
import type { Connection } from './connection.js'
import { unreachable } from './failure.js'
import { piecesOf } from './web-stream.js'

const operation = 'scan'

/** @see Registry.scan */
export async function* scan(connection: Connection): AsyncGenerator<ScanFinding> {
  connection.refuseIfClosed(operation)
  const body = await connection.ask(
    { method: 'GET', path: '/api/scan', headers: { accept: NDJSON_TYPE }, operation, repeat: 'freely' },
    async (response) => response.body ?? new Blob().stream(),
  )
  try {
    for await (const line of linesOf(body)) yield findingOf(connection, JSON.parse(line))
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError)
      throw unreachable(error, { operation, server: connection.url, changes: 'nothing', subject: {} })
    throw error
  }
}

function findingOf({ url }: Connection, line: unknown): ScanFinding {
  const parsed = scanFindingSchema.safeParse(line)
  if (parsed.success) return parsed.data
  const problem: unknown =
    typeof line === 'object' && line !== null
      ? Object.getOwnPropertyDescriptor(line, 'problem')?.value
      : undefined
  throw (
    reviveError(problem) ??
    new S3UnavailableError(
      { operation, server: url, actual: 'a line that is no finding' },
      { reason: serverFailed },
    )
  )
}

async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const piece of piecesOf(body)) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    yield* lines.filter((line) => line !== '')
  }
  if (rest !== '') yield rest
}
