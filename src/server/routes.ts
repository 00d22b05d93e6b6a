import { type App, JSON_TYPE, type RouteDeps } from './route.js'
import { aliasRoutes } from './routes/aliases.js'
import { approvalRoutes } from './routes/approvals.js'
import { breakerRoutes } from './routes/breaker.js'
import { deploymentRoutes } from './routes/deployments.js'
import { diagnoseRoutes } from './routes/diagnose.js'
import { directRoutes } from './routes/direct.js'
import { errorRoutes } from './routes/errors.js'
import { fileRoutes } from './routes/files.js'
import { healthRoutes } from './routes/health.js'
import { historyRoutes } from './routes/history.js'
import { modelRoutes } from './routes/models.js'
import { pageRoutes } from './routes/pages.js'
import { runbookRoutes } from './routes/runbooks.js'
import { saveRoutes } from './routes/saves.js'
import { scanRoutes } from './routes/scan.js'
import { tokenRoutes } from './routes/tokens.js'
import { uploadRoutes } from './routes/uploads.js'
import { verificationRoutes } from './routes/verification.js'
import { versionRoutes } from './routes/versions.js'

const groups = [
  modelRoutes,
  versionRoutes,
  verificationRoutes,
  fileRoutes,
  saveRoutes,
  directRoutes,
  aliasRoutes,
  deploymentRoutes,
  approvalRoutes,
  historyRoutes,
  tokenRoutes,
  scanRoutes,
  healthRoutes,
  breakerRoutes,
  pageRoutes,
  errorRoutes,
  runbookRoutes,
]

export async function registerRoutes(app: App, deps: RouteDeps): Promise<void> {
  app.addHook('onRoute', ({ url, config }) => {
    // A route that says nothing of who may use it would be open to everybody.
    if (config?.scope === undefined) throw new TypeError(`the route ${url} names no scope`)
  })
  await addRoutes(app, deps)

  let document: Promise<string> | undefined
  app.get(
    '/openapi.json',
    { config: { scope: 'anybody' }, schema: { hide: true } },
    async (_request, reply) => {
      document ??= import('./openapi.js').then(async ({ describeApi }) =>
        JSON.stringify(await describeApi((copy) => addRoutes(copy, deps))),
      )
      return reply.header('content-type', JSON_TYPE).send(await document)
    },
  )
}

async function addRoutes(app: App, deps: RouteDeps): Promise<void> {
  for (const group of groups) group(app, deps)
  // In scopes of their own, since they take bodies of any type as they are.
  await app.register(async (scope: App) => uploadRoutes(scope, deps))
  await app.register(async (scope: App) => diagnoseRoutes(scope, deps))
}
