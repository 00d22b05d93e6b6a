import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify'
import { destination, pino } from 'pino'
import { redact } from '../errors/redact.js'
import { type GatheredLines, gatherLines } from './gathered-lines.js'
import type { ServerOptions } from './options.js'

export interface ServerLog {
  readonly logger: FastifyBaseLogger
  /** One line for a request that was answered; undefined where the level leaves such lines out. */
  readonly answered: ((request: FastifyRequest, reply: FastifyReply) => void) | undefined
  /** One line for a request whose connection ended before the end of the answer. */
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
  const to = outputOf(options)
  const logger = pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${timeOf(Date.now())}"`,
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
      ? (request) =>
          void to.write(
            request.brokeOff
              ? lineOf(request, '"status":500', 'the answer broke off')
              : lineOf(request, '"status":499', 'the caller went away'),
          )
      : undefined,
    flush: () => to.flush(),
  }
}

function outputOf({ log }: ServerOptions): GatheredLines {
  if (log !== undefined) return { write: (line) => log.write(line), flush() {} }
  // Written in this thread, since handing what is gathered to the thread pool costs more than writing it.
  return gatherLines(destination({ fd: 2, sync: true }))
}

/** As pino would write it, in a tenth of the time: this is the one line that every request has. */
function lineOf(request: FastifyRequest, outcome: string, message: string): string {
  const { id, method, identity } = request
  const url = JSON.stringify(shownUrl(request))
  const actor = identity === undefined ? '' : `,"actor":${JSON.stringify(identity.name)}`
  return `{"level":"info","time":"${timeOf(Date.now())}","requestId":"${id}","method":"${method}","url":${url},${outcome}${actor},"msg":"${message}"}\n`
}

let lastTime = { ms: 0, text: '' }

/** Written out once for all lines of a millisecond. */
function timeOf(ms: number): string {
  if (ms !== lastTime.ms) lastTime = { ms, text: new Date(ms).toISOString() }
  return lastTime.text
}

/** The address of a request as it may be shown. */
export function shownUrl({ url }: Pick<FastifyRequest, 'url'>): string {
  return SECRET_HINT.test(url) || LONG_RUN.test(url) ? redact(url) : url
}

/** Whatever `redact` takes for a credential, or for the name of one, has one of these in it or is a long run. */
const SECRET_HINT =
  /tok|key|sig|pass|pwd|sec|cred|auth|cookie|bearer|basic|eyj|akia|asia|mdl_|sbp_|gh[pousr]_|github_pat_|hf_|xox[abprs]-|aiza|[rs]k[_-]|@/i
/** Looked for where a run begins alone: from each of its characters on, it would take five times as long. */
const LONG_RUN = /(?<![a-z0-9/+])[a-z0-9/+]{40}/i

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
