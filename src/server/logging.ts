import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify'
import { type DestinationStream, destination, pino } from 'pino'
import { redact } from '../errors/redact.js'
import type { ServerOptions } from './options.js'

/** In characters. */
const GATHERED_AT_MOST = 65_536
const GATHERED_FOR_MS = 200

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
  // Written here, since handing eight kilobytes to the thread pool costs more than writing them.
  const stderr = options.log === undefined ? gathering(destination({ fd: 2, sync: true })) : undefined
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
    flush: () => stderr?.flush(),
  }
}

/**
 * Lines that are written together, since a write for each would cost as much as the answer that it tells of. pino's own
 * `minLength` counts the bytes of all that it holds again with each line.
 */
function gathering(to: DestinationStream): DestinationStream & { flush(): void } {
  let held = ''
  let timer: NodeJS.Timeout | undefined
  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    if (held === '') return
    const text = held
    held = ''
    to.write(text)
  }
  return {
    write(line) {
      held += line
      if (held.length >= GATHERED_AT_MOST) flush()
      else timer ??= setTimeout(flush, GATHERED_FOR_MS).unref()
    },
    flush,
  }
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
