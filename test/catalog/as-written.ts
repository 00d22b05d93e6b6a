// What users have written after the catalog, call by call: only the import paths are those of this package. Each situation
// is a real one; the store that is away is thrown by hand, since nothing here has an S3. Prints one line for each.
import { strict as assert } from 'node:assert'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createModelRegistry, type ModelMetadata, type ModelSource, type Registry } from 'modelry'
import {
  CircuitBreakerOpenError,
  ConcurrentDeploymentError,
  DatabaseError,
  DeploymentError,
  DuplicateModelError,
  InvalidS3PathError,
  ModelNotFoundError,
  ModelRegistryError,
  ModelValidationError,
  S3DeleteError,
  S3DownloadError,
  S3Error,
  S3UnavailableError,
  S3UploadError,
} from 'modelry/errors'
import { logger } from 'modelry/logger'

const home = await mkdtemp(join(tmpdir(), 'modelry-as-written-'))
const registry = await createModelRegistry({ home })
const model = { weights: [1, 2, 3] }
const metadata: ModelMetadata = {
  modelId: 'my-model',
  version: '1.0.0',
  modelType: 'lstm',
  inputShape: [60, 5],
  outputShape: [1],
}
const said: string[] = []
const say = (...parts: unknown[]) => void said.push(parts.map(String).join(' '))
const done = (what: string) => console.log(what)

// The upload: a guide, a fix that is tried, and the save again where it helped.
await registry.saveModel(model, { ...metadata, modelId: 'other', s3Path: 's3://models/taken.json' })
try {
  await registry.saveModel(model, { ...metadata, s3Path: 's3://models/taken.json' })
  assert.fail()
} catch (error) {
  assert.ok(error instanceof S3UploadError)
  say(error.getTroubleshootingGuide())
  const fixed = await error.attemptAutoFix()
  assert.equal(fixed, false)
}
done('S3UploadError')

// The download: getModel looks whether the files are there.
const saved = await registry.saveModel(model, metadata)
const place = join(home, 'artifacts', saved.s3Path.slice('s3://'.length))
await rm(place)
try {
  await registry.getModel('my-model', '1.0.0')
  assert.fail()
} catch (error) {
  assert.ok(error instanceof S3DownloadError)
  say(error.getTroubleshootingGuide())
  assert.equal(error.context.s3Path, saved.s3Path)
}
done('S3DownloadError')

// The two codes of the store that have steps for a person alone.
for (const error of [
  new S3DeleteError({ s3Path: saved.s3Path }),
  new S3Error({ operation: 's3Operation' }),
]) {
  try {
    throw error
  } catch (caught) {
    assert.ok(caught instanceof S3DeleteError || caught instanceof S3Error)
    assert.equal(await caught.attemptAutoFix(), false)
  }
}
done('S3DeleteError S3Error')

// The store is away: the guide, a wait, and the same call again.
const away = failingOnce(registry, new S3UnavailableError({ operation: 'saveModel', retryInMs: 1 }))
try {
  await away.saveModel(model, { ...metadata, version: '1.1.0' })
  assert.fail()
} catch (error) {
  assert.ok(error instanceof S3UnavailableError)
  say(error.getTroubleshootingGuide())
  await new Promise((resolve) => setTimeout(resolve, error.retry.inMs ?? 30_000))
  await away.saveModel(model, { ...metadata, version: '1.1.0' })
}
done('S3UnavailableError')

// A path that is none, and the one that is.
try {
  await registry.saveModel(model, { ...metadata, version: '1.2.0', s3Path: 'invalid-path' })
  assert.fail()
} catch (error) {
  assert.ok(error instanceof InvalidS3PathError)
  assert.equal(error.context.invalidPath, 'invalid-path')
  await registry.saveModel(model, {
    ...metadata,
    version: '1.2.0',
    s3Path: 's3://trillbot-models/model.json',
  })
}
done('InvalidS3PathError')

// Metadata that breaks the schema.
try {
  await registry.saveModel(model, { ...metadata, modelId: 'test', version: 'invalid' })
  assert.fail()
} catch (error) {
  assert.ok(error instanceof ModelValidationError)
  say(error.getTroubleshootingGuide())
  const validationErrors = error.context.validationErrors
  assert.equal(validationErrors.length, 1)
}
done('ModelValidationError')

// A deployment that fails: is the version there, and what serves meanwhile?
try {
  await registry.deployModel('my-model', '3.0.0', { environment: 'production' })
  assert.fail()
} catch (error) {
  assert.ok(error instanceof DeploymentError)
  say(error.getTroubleshootingGuide())
  const found = await registry.getModel('my-model', '3.0.0')
  assert.equal(found, null)
  const activeModel = await registry.getActiveModel('my-model', 'production')
  say('Currently active:', activeModel?.version)
}
done('DeploymentError')

// Two deployments at once: the second waits two seconds and tries again.
const entered = Promise.withResolvers<void>()
const ended = Promise.withResolvers<void>()
const smokeTest = () => {
  entered.resolve()
  return ended.promise
}
const first = registry.deployModel('my-model', '1.1.0', { environment: 'production', smokeTest })
await entered.promise
try {
  await registry.deployModel('my-model', '1.2.0', { environment: 'production' })
  assert.fail()
} catch (error) {
  assert.ok(error instanceof ConcurrentDeploymentError)
  ended.resolve()
  await first
  await new Promise((resolve) => setTimeout(resolve, 2000))
  await registry.deployModel('my-model', '1.2.0', { environment: 'production' })
}
done('ConcurrentDeploymentError')

// A version that exists.
try {
  await registry.saveModel(model, { ...metadata, version: '1.1.0' })
  assert.fail()
} catch (error) {
  assert.ok(error instanceof DuplicateModelError)
  await registry.saveModel(model, { ...metadata, version: '1.3.0' })
}
done('DuplicateModelError')

// The breaker.
try {
  throw new CircuitBreakerOpenError({ stats: { failures: 12 }, retryInMs: 1 })
} catch (error) {
  assert.ok(error instanceof CircuitBreakerOpenError)
  say(error.getTroubleshootingGuide())
}
done('CircuitBreakerOpenError')

// The database.
const closed = await createModelRegistry({ home })
await closed.close()
try {
  await closed.saveModel(model, metadata)
  assert.fail()
} catch (error) {
  assert.ok(error instanceof DatabaseError)
  say(error.getTroubleshootingGuide())
}
done('DatabaseError')

// A model that is not there: null from getModel, and an error that the caller makes of it.
try {
  const found = await registry.getModel('my-model', '9.0.0')
  if (!found) throw new ModelNotFoundError('my-model', '9.0.0')
  assert.fail()
} catch (error) {
  assert.ok(error instanceof ModelNotFoundError)
  const versions = await registry.getModelVersions('my-model')
  assert.equal(versions.length, 4)
  const allModels = await registry.listModels({ limit: 100 })
  assert.ok(
    allModels
      .map((m) => m.modelId)
      .join()
      .includes('other'),
  )
  const archivedModels = await registry.listModels({ deploymentStatus: 'archived' })
  assert.equal(archivedModels.length, 0)
}
done('ModelNotFoundError')

// The first pattern: a fix, and the call again, a few times.
async function saveModelWithRetry(on: Registry, source: ModelSource, facts: ModelMetadata, maxRetries = 3) {
  for (let attempt = 0; attempt < maxRetries; attempt++) {
    try {
      return await on.saveModel(source, facts)
    } catch (error) {
      if (!(error instanceof ModelRegistryError)) throw error
      const fixed = await error.attemptAutoFix()
      if (fixed && attempt < maxRetries - 1) continue
      say(error.getTroubleshootingGuide())
      throw error
    }
  }
  return undefined
}
assert.equal((await saveModelWithRetry(registry, model, { ...metadata, version: '1.4.0' }))?.version, '1.4.0')
await assert.rejects(
  saveModelWithRetry(registry, model, { ...metadata, version: '1.4.0' }),
  DuplicateModelError,
)
done('auto-fix with retry')

// The second: somewhere else while the store is away.
const kept: string[] = []
try {
  await failingOnce(registry, new S3UnavailableError({})).saveModel(model, metadata)
} catch (error) {
  if (!(error instanceof S3UnavailableError)) throw error
  kept.push(JSON.stringify(model))
}
assert.equal(kept.length, 1)
done('graceful degradation')

// The third: a structured line, and a report to whatever watches.
const reported: unknown[] = []
const Sentry = { captureException: (error: unknown, hint: object) => void reported.push([error, hint]) }
try {
  await registry.saveModel(model, { ...metadata, version: '1.4.0' })
} catch (error) {
  if (!(error instanceof ModelRegistryError)) throw error
  logger.error('Model save failed', { ...error.toJSON(), environment: process.env.NODE_ENV })
  Sentry.captureException(error, { contexts: { error: error.toJSON() } })
}
assert.equal(reported.length, 1)
done('monitoring')

for (const text of said) assert.doesNotMatch(text, /undefined@|NaN|\[object/)
await registry.close()
await rm(home, { recursive: true })

/** The registry, except that the first save fails with `error`. */
function failingOnce(real: Registry, error: ModelRegistryError): Pick<Registry, 'saveModel'> {
  let failed = false
  return {
    async saveModel(...args) {
      if (failed) return real.saveModel(...args)
      failed = true
      throw error
    },
  }
}
