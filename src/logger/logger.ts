import { destination, pino } from 'pino'
import { isModelRegistryError } from '../errors/model-registry-error.js'
import { redact, redactValue } from '../errors/redact.js'

const levels = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof levels)[number]

type Write = (message: string, fields?: Readonly<Record<string, unknown>>) => void

/** The message comes first, then what belongs to it. */
export interface Logger extends Readonly<Record<LogLevel, Write>> {
  /** A logger that puts these fields into every line. */
  child(fields: Readonly<Record<string, unknown>>): Logger
}

export interface LoggerOptions {
  /** Lines below it are left out; `info` by default. `silent` leaves out all. */
  readonly level?: LogLevel | 'silent' | undefined
  /** Where lines go; standard error by default. */
  readonly to?: { write(line: string): void } | undefined
}

/** What the line has by itself; a field of that name gets an underscore in front. */
const OWN = ['level', 'time', 'msg']

/**
 * One JSON object a line: `level`, `time` (ISO 8601), the fields, and the message as `msg`. Whatever looks like a
 * credential is masked. An error in a field becomes its wire form, or its name, message and stack. Lines are written at
 * once, so that none is lost when the process ends.
 *
 * @example
 * logger.error('Model save failed', { ...error.toJSON(), environment: process.env.NODE_ENV })
 */
export function createLogger(options: LoggerOptions = {}): Logger {
  const target = pino(
    {
      level: options.level ?? 'info',
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    options.to ?? destination({ fd: 2, sync: true }),
  )
  const withFields = (more: Readonly<Record<string, unknown>>): Logger => {
    const write =
      (level: LogLevel): Write =>
      (message, fields = {}) =>
        target[level](shownFields({ ...more, ...fields }), redact(String(message)))
    return {
      debug: write('debug'),
      info: write('info'),
      warn: write('warn'),
      error: write('error'),
      child: (fields) => withFields({ ...more, ...fields }),
    }
  }
  return withFields({})
}

/** Takes its level from MODELRY_LOG_LEVEL. */
export const logger: Logger = createLogger({ level: levelOf(process.env.MODELRY_LOG_LEVEL) })

function levelOf(name: string | undefined): LoggerOptions['level'] {
  return name === 'silent' ? name : levels.find((level) => level === name)
}

function shownFields(fields: Readonly<Record<string, unknown>>): object {
  const entries = Object.entries(fields).map(([name, value]) => [
    OWN.includes(name) ? `_${name}` : name,
    value instanceof Error ? shownError(value, 0) : value,
  ])
  return Object(redactValue(Object.fromEntries(entries)))
}

function shownError(error: Error, depth: number): object {
  if (isModelRegistryError(error)) return { ...error.toJSON(), stack: error.stack }
  const { name, message, stack, cause } = error
  const code = 'code' in error ? { code: error.code } : {}
  const under = cause instanceof Error && depth < 5 ? { cause: shownError(cause, depth + 1) } : {}
  return { name, message, ...code, stack, ...under }
}
