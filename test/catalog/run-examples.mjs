import { strict as assert } from 'node:assert'
import { mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  CircuitBreakerOpenError,
  createModelRegistry,
  ModelRegistryError,
  S3DeleteError,
  S3UnavailableError,
  S3UploadError,
} from 'modelry'
import { s3CircuitBreaker, s3Storage } from 'modelry/s3'

// Runs the example of every code in a situation in which it meets its error, and prints the codes that went well. The
// real registry fails wherever a folder and a file can be made to; the error of a store that is away is thrown once, before
// the real registry is asked.
const [folder] = process.argv.slice(2)
const home = await mkdtemp(join(tmpdir(), 'modelry-examples-'))
const registry = await createModelRegistry({ home, environments: { production: {} } })
const metadata = { modelType: 'lstm', inputShape: [60, 5], outputShape: [1] }
const model = { weights: [1, 2, 3] }
const save = (modelId, version, more = {}) =>
  registry.saveModel(model, { modelId, version, ...metadata, ...more })
const placeOf = ({ address }) => join(home, 'artifacts', ...address.slice('s3://'.length).split('/'))

/** The registry, except that the first call of `method` fails. */
function failingOnce(method, error) {
  let failed = false
  return new Proxy(registry, {
    get(target, name) {
      const value = target[name]
      if (name !== method || failed) return typeof value === 'function' ? value.bind(target) : value
      return async () => {
        failed = true
        throw error
      }
    },
  })
}

const situations = {
  async S3_UPLOAD_FAILED({ saveOrExplain }) {
    const s3Path = 's3://models/taken/model.json'
    await save('taken', '1.0.0', { s3Path })
    const again = { modelId: 'taken', version: '1.1.0', ...metadata, s3Path }
    await assert.rejects(saveOrExplain(registry, model, again), S3UploadError)
    assert.equal((await saveOrExplain(registry, model, { ...again, s3Path: undefined })).version, '1.1.0')
  },
  async S3_DOWNLOAD_FAILED({ readWeights }) {
    const { files } = await save('gone', '1.0.0')
    assert.ok((await readWeights(registry, 'gone', '1.0.0')).length > 0)
    await rm(placeOf(files[0]))
    assert.equal(await readWeights(registry, 'gone', '1.0.0'), undefined)
  },
  async S3_DELETE_FAILED({ remove }) {
    const { files } = await save('kept', '1.0.0')
    // A link in the way of the file: the store follows none.
    const parent = dirname(placeOf(files[0]))
    await rename(parent, `${parent}.moved`)
    await symlink(`${parent}.moved`, parent)
    assert.deepEqual(await remove(registry, 'kept', '1.0.0'), [files[0].address])
    await rm(parent)
    await rename(`${parent}.moved`, parent)
    assert.deepEqual(await remove(registry, 'kept', '1.0.0'), [])
  },
  async S3_ERROR({ storeAnswers }) {
    assert.equal(await storeAnswers(registry), true)
    const root = await mkdtemp(join(tmpdir(), 'modelry-examples-'))
    const other = await createModelRegistry({ home: root })
    await rm(join(root, 'artifacts'), { recursive: true, force: true })
    await writeFile(join(root, 'artifacts'), 'no folder')
    assert.equal(await storeAnswers(other), false)
    await other.close()
    await rm(root, { recursive: true })
  },
  async S3_UNAVAILABLE({ saveWhenBack }) {
    const away = failingOnce(
      'saveModel',
      new S3UnavailableError({ operation: 'saveModel', retryInMs: 1 }, safeToRepeat()),
    )
    const saved = await saveWhenBack(away, model, { modelId: 'later', version: '1.0.0', ...metadata })
    assert.equal(saved.version, '1.0.0')
  },
  async INVALID_S3_PATH({ saveSomewhere }) {
    const wrong = { modelId: 'somewhere', version: '1.0.0', ...metadata, s3Path: 'invalid-path' }
    assert.match((await saveSomewhere(registry, model, wrong)).s3Path, /^s3:\/\//)
  },
  async MODEL_VALIDATION_FAILED({ saveOrList }) {
    const problems = await saveOrList(registry, model, { modelId: 'test', version: 'invalid', ...metadata })
    assert.equal(problems.length, 1)
    assert.match(problems[0], /^version: /)
    assert.deepEqual(
      await saveOrList(registry, model, { modelId: 'test', version: '1.0.0', ...metadata }),
      [],
    )
  },
  async DEPLOYMENT_FAILED({ deployAndReport }) {
    await save('deployed', '1.0.0')
    assert.equal(await deployAndReport(registry, 'deployed', '1.0.0'), '1.0.0')
    assert.equal(await deployAndReport(registry, 'deployed', '9.9.9'), '1.0.0')
  },
  async CONCURRENT_DEPLOYMENT({ deployAfterOthers }) {
    await save('raced', '1.0.0')
    await save('raced', '1.1.0')
    const held = Promise.withResolvers()
    const entered = Promise.withResolvers()
    const smokeTest = () => {
      entered.resolve()
      return held.promise
    }
    const first = registry.deployModel('raced', '1.0.0', { environment: 'production', smokeTest })
    await entered.promise
    const second = deployAfterOthers(registry, 'raced', '1.1.0')
    setTimeout(held.resolve, 500)
    await first
    assert.equal((await second).version, '1.1.0')
  },
  async DUPLICATE_MODEL({ saveNext }) {
    await save('twice', '1.0.0')
    const again = { modelId: 'twice', version: '1.0.0', ...metadata }
    assert.equal((await saveNext(registry, { weights: [4] }, again)).version, '1.1.0')
    assert.equal((await saveNext(registry, model, again)).version, '1.0.0')
  },
  async CIRCUIT_BREAKER_OPEN({ deleteAfterCooldown }) {
    const store = { status: 503 }
    const server = createServer((_request, answer) => answer.writeHead(store.status).end())
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
    const endpoint = `http://127.0.0.1:${server.address().port}`
    const key = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', AWS_REGION: 'us-east-1' }
    Object.assign(process.env, key, { AWS_ENDPOINT_URL_S3: endpoint })
    const rules = { threshold: 0.5, minimumCalls: 1, windowMs: 60_000, cooldownMs: 1_000 }
    s3CircuitBreaker.configure({ endpoint, bucket: 'models' }, rules)
    const location = { bucket: 'models', key: 'model.json' }
    await assert.rejects(s3Storage.deleteModel(location), S3DeleteError)
    store.status = 204
    await deleteAfterCooldown(location)
    assert.equal(s3CircuitBreaker.stats()[0].total.refused, 1)
    server.closeAllConnections()
    server.close()
  },
  async DATABASE_ERROR({ versionsOrNothing }) {
    await save('counted', '1.0.0')
    assert.equal((await versionsOrNothing(registry, 'counted')).length, 1)
    const closed = await createModelRegistry({ home })
    await closed.close()
    assert.equal(await versionsOrNothing(closed, 'counted'), undefined)
  },
  async MODEL_NOT_FOUND({ loadOrLatest }) {
    await save('wanted', '1.0.0')
    assert.equal((await loadOrLatest(registry, 'wanted', '1.0.1')).record.version, '1.0.0')
    await assert.rejects(loadOrLatest(registry, 'nobody', '1.0.0'), ModelRegistryError)
  },
}

/** The cause decides whether a call may be made again; that of a breaker says yes. */
function safeToRepeat() {
  return { reason: new CircuitBreakerOpenError({}).reason }
}

for (const [code, situation] of Object.entries(situations)) {
  await situation(await import(pathToFileURL(join(folder, `${code}.ts`)).href))
  console.log(code)
}
await registry.close()
await rm(home, { recursive: true })
