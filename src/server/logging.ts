import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify'
import { type DestinationStream, destination, pino } from 'pino'
import { redact } from '../errors/redact.js'
import type { ServerOptions } from './options.js'

export interface ServerLog {
  readonly logger: FastifyBaseLogger
  /** One line for a request that was answered; undefined where the level leaves such lines out. */
  readonly answered: ((request: FastifyRequest, reply: FastifyReply) => void) | undefined
  /** One line for a request whose caller went away before the end of the answer. */
  readonly gone: ((request: FastifyRequest) => void) | undefined
  /** Writes out what is still held. */
  flush(): void
}

/**
 * One JSON object a line. Headers and bodies are never logged, so that no token gets there; addresses and errors are,
 * without what looks like a credential in them.
 */
export function createLog(options: ServerOptions): ServerLog {
  const level = options.logLevel ?? 'info'
  // Gathered for a moment, since a write for each line would cost as much as the answer that it tells of; and written
  // here, since handing eight kilobytes to the thread pool costs more than writing them.
  const stderr =
    options.log === undefined
      ? destination({ fd: 2, sync: true, minLength: 8_192, periodicFlush: 200 })
      : undefined
  const to: DestinationStream = options.log ?? stderr ?? process.stderr
  const logger = pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: shownError },
    },
    to,
  )
  const logsAnswers = ['info', 'debug', 'trace'].includes(level)
  return {
    logger,
    answered: logsAnswers
      ? (request, { statusCode, elapsedTime }) =>
          void to.write(
            lineOf(request, `"status":${statusCode},"ms":${Math.round(elapsedTime * 10) / 10}`, 'answered'),
          )
      : undefined,
    gone: logsAnswers
      ? (request) => void to.write(lineOf(request, '"status":499', 'the caller went away'))
      : undefined,
    flush: () => stderr?.flushSync(),
  }
}

/** As pino would write it, in a tenth of the time: this is the one line that every request has. */
function lineOf(request: FastifyRequest, outcome: string, message: string): string {
  const { id, method, identity } = request
  const url = JSON.stringify(shownUrl(request))
  const actor = identity === undefined ? '' : `,"actor":${JSON.stringify(identity.name)}`
  return `{"level":"info","time":"${new Date().toISOString()}","requestId":"${id}","method":"${method}","url":${url},${outcome}${actor},"msg":"${message}"}\n`
}

/** The address of a request as it may be shown. */
export function shownUrl({ url }: Pick<FastifyRequest, 'url'>): string {
  return SECRET_HINT.test(url) ? redact(url) : url
}

/** Whatever `redact` takes for a credential, or for the name of one, has one of these in it. */
const SECRET_HINT =
  /tok|key|sig|pass|pwd|sec|cred|auth|cookie|bearer|basic|eyj|akia|asia|mdl_|sbp_|gh[pousr]_|github_pat_|hf_|xox[abprs]-|aiza|[rs]k[_-]|@|[a-z0-9/+]{40}/i

function shownError(error: unknown): object {
  if (!(error instanceof Error)) return { message: redact(String(error)) }
  const { name, message, stack, cause } = error
  const code = 'code' in error ? { code: error.code } : {}
  return {
    name,
    ...code,
    message: redact(message),
    stack: redact(stack ?? ''),
    ...(cause === undefined ? {} : { cause: shownError(cause) }),
  }
}
