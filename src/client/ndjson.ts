import { serverFailed } from '../errors/causes/http.js'
import { reviveError } from '../errors/revive.js'
import { S3UnavailableError } from '../errors/s3-unavailable/error.js'
import { NDJSON_TYPE } from '../wire/headers.js'
import type { Ask, Connection } from './connection.js'
import { abortedError, unreachable } from './failure.js'
import { piecesOf } from './web-stream.js'

/** Of one line, in characters: a finding names one address and one version. */
const LONGEST_LINE = 1024 * 1024

/**
 * The lines of an answer that comes as it is made, each as JSON. A failure on the way is the last line,
 * `{"problem": …}`, and is thrown as the error that it tells of.
 */
export async function* askForLines(
  connection: Connection,
  ask: Omit<Ask, 'method' | 'repeat'>,
): AsyncGenerator<unknown> {
  const { operation, signal, subject = {} } = ask
  const asked = { operation, server: connection.url, changes: 'nothing', subject } as const
  const body = await connection.ask(
    { ...ask, method: 'GET', repeat: 'freely', headers: { accept: NDJSON_TYPE } },
    async (response) => response.body ?? new Blob().stream(),
  )
  const lines = linesOf(body)
  for (;;) {
    let line: unknown
    try {
      const { done, value } = await lines.next()
      if (done) return
      line = JSON.parse(value)
    } catch (error) {
      throw signal?.aborted ? abortedError(signal.reason, asked) : unreachable(error, asked)
    }
    if (typeof line === 'object' && line !== null && 'problem' in line)
      throw reviveError(line.problem) ?? notUnderstood(connection, operation)
    yield line
  }
}

/** A line that is not what was asked for. */
export function notUnderstood({ url }: Connection, operation: string): S3UnavailableError {
  return new S3UnavailableError(
    { operation, server: url, actual: 'a line that cannot be understood' },
    { reason: serverFailed },
  )
}

async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const piece of piecesOf(body)) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > LONGEST_LINE)
      throw new RangeError(`a line of the answer is longer than ${LONGEST_LINE} characters`)
    yield* lines.filter((line) => line !== '')
  }
  if (rest !== '') yield rest
}
