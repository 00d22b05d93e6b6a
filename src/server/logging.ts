import type { FastifyBaseLogger, FastifyRequest } from 'fastify'
import { type DestinationStream, destination, pino } from 'pino'
import { redact } from '../errors/redact.js'
import type { ServerOptions } from './options.js'

/**
 * One JSON object a line. Headers and bodies are never logged, so that no token gets there; an address is, without
 * what looks like a credential in it.
 */
export function createLogger(options: ServerOptions): FastifyBaseLogger {
  const to: DestinationStream = options.log ?? destination({ fd: 2, sync: true })
  return pino(
    {
      level: options.logLevel ?? 'info',
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
      // What is passed by mistake, all the same.
      redact: ['*.authorization', 'headers', '*.headers', 'token', '*.token'],
    },
    to,
  )
}

/** The address of a request as it may be shown. */
export function shownUrl({ url }: Pick<FastifyRequest, 'url'>): string {
  return url.includes('?') ? redact(url) : url
}
