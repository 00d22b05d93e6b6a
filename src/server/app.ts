import Fastify, { type FastifyReply, type FastifyRequest, LogController } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Engine } from '../registry/engine.js'
import { PROBLEM_TYPE, REQUEST_ID_HEADER } from '../wire/headers.js'
import { createAccess } from './access.js'
import { baseUrl } from './base-url.js'
import { answerBrokenRequest } from './broken-request.js'
import { watchChanges } from './changes.js'
import { onGoneCaller } from './gone-callers.js'
import { createGuard } from './guard.js'
import { readJsonBody } from './json-body.js'
import { linger } from './linger.js'
import { type ServerLog, shownUrl } from './logging.js'
import { isLoopback } from './loopback.js'
import { type ServerOptions, type ServerSettings, settingsOf } from './options.js'
import { HttpProblem, toProblem } from './problem.js'
import { requestIdOf } from './request-id.js'
import type { App, RouteDeps } from './route.js'
import { registerRoutes } from './routes.js'
import { validatorCompiler } from './validate.js'

/** How long a JSON body may take to arrive. */
const JSON_WITHIN_MS = 30_000
const HEADERS_WITHIN_MS = 20_000
/** Longer than the idle time-out of common load balancers (60 s), so that it is never we who close first. */
const KEEP_ALIVE_MS = 72_000

/** Everything of the server but its listening. */
export async function createApp(
  engine: Engine,
  options: ServerOptions,
  { logger, answered, gone }: ServerLog,
): Promise<App> {
  const settings = settingsOf(options)
  const app: App = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    // A logger for each request would cost more than its line; the id is put into the line instead.
    childLoggerFactory: () => logger,
    requestIdHeader: false,
    genReqId: requestIdOf,
    routerOptions: { maxParamLength: 4096 },
    keepAliveTimeout: KEEP_ALIVE_MS,
    // Node's own limit for a whole request would end long uploads; bodies have limits of their own here.
    requestTimeout: 0,
    http: { headersTimeout: HEADERS_WITHIN_MS, connectionsCheckingInterval: 5_000 },
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) => sendProblem(error, request, reply, settings),
    clientErrorHandler: answerBrokenRequest,
  }).withTypeProvider<ZodTypeProvider>()
  const loopback = isLoopback(settings.host)
  const access = createAccess(engine.tokens, loopback || settings.insecure, options.adminToken)
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(() => (value) => JSON.stringify(value))
  app.decorateRequest('identity')
  app.decorateRequest('brokeOff', false)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(/^application\/(?:[\w.-]+\+)?json(?:;|$)/, async (request: FastifyRequest) =>
    readJsonBody(request.raw, {
      maxBytes: request.routeOptions.config.maxJsonBytes ?? settings.maxJsonBytes,
      withinMs: JSON_WITHIN_MS,
    }),
  )
  app.addHook('onRequest', (request, reply, done) => {
    reply.header(REQUEST_ID_HEADER, request.id)
    reply.header('x-content-type-options', 'nosniff')
    done()
  })
  // Before the guard, which may take a while to find out who asks.
  if (gone !== undefined) onGoneCaller(app, gone)
  app.addHook('onRequest', createGuard(access, { loopback }))
  app.addHook('onResponse', (request, reply, done) => {
    linger(request.raw)
    // Probes come every few seconds and tell nothing while they succeed.
    if (request.routeOptions.logLevel !== 'warn' || reply.statusCode >= 400) answered?.(request, reply)
    done()
  })
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply, settings))
  app.setNotFoundHandler(async (request) => {
    throw new HttpProblem(404, 'Not Found', `There is no ${request.method} ${shownUrl(request)} here.`)
  })
  const { events } = engine.registry
  const unfollow = [
    events.on('breaker-state', (change) => {
      const level = change.state === 'open' ? 'error' : 'warn'
      logger[level]({ ...change }, `the circuit of the store is ${change.state}`)
    }),
    events.on('synced', ({ record: { modelId, version } }) => {
      logger.info({ modelId, version }, 'the files of the version were carried over to the store')
    }),
    events.on('sync-failed', ({ modelId, version, error }) => {
      logger.error({ modelId, version, err: error }, 'a file of the version stays in the spool')
    }),
  ]
  app.addHook('onClose', async () => {
    for (const end of unfollow) end()
  })
  const changes = watchChanges(engine.registry)
  app.addHook('onClose', async () => changes.close())
  const deps: RouteDeps = { engine, settings, access, changes }
  await registerRoutes(app, deps)
  return app
}

/** What was said of a file that is not what is answered with after all. */
const OF_FILES = ['etag', 'repr-digest', 'content-digest', 'content-disposition', 'accept-ranges']

function sendProblem(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  { publicUrl }: ServerSettings,
): FastifyReply {
  const instance = shownUrl(request)
  const problem = toProblem(error, { base: baseUrl(request, publicUrl), instance, requestId: request.id })
  if (problem.status >= 500) request.log.error({ err: error, requestId: request.id }, 'the request failed')
  for (const name of OF_FILES) reply.removeHeader(name)
  // Fastify wants to close after a body that it did not read; `linger` reads it, so that the answer arrives.
  return reply
    .removeHeader('connection')
    .code(problem.status)
    .headers({ ...problem.headers, 'cache-control': 'no-store' })
    .type(PROBLEM_TYPE)
    .send(JSON.stringify(problem.body))
}
