/** `modelry/logger`: a small logger for programs that use the registry. */
export { createLogger, type Logger, type LoggerOptions, type LogLevel, logger } from './logger.js'
