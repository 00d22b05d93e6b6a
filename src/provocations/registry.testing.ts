import { failureOf, metadata, opened, type Provocation, save } from './provocation.testing.js'

const production = { environment: 'production' } as const
const invalid = (cause: string, how: string, more: object): Provocation => ({
  code: 'MODEL_VALIDATION_FAILED',
  cause,
  how,
  async provoke() {
    const { registry } = await opened()
    return failureOf(registry.saveModel({}, Object.assign({}, metadata, more)))
  },
})

/** What the registry refuses by its own rules. */
export const ruleProvocations: readonly Provocation[] = [
  invalid('missing-field', 'no modelType', { modelType: undefined }),
  invalid('invalid-version', 'the version v1.2', { version: 'v1.2' }),
  invalid('wrong-value', 'the modelType LSTM', { modelType: 'LSTM' }),
  invalid('invalid-shape', 'a shape that is a text', { inputShape: '60,5' }),
  invalid('out-of-range', 'an accuracy of 93', { accuracy: 93 }),
  invalid('invalid-id', 'a name with spaces', { modelId: 'my model' }),
  invalid('unknown-field', 'a field of its own', { sharpe: 1.2 }),
  invalid('invalid-metadata', 'two different problems', { version: 'x', accuracy: 2 }),
  {
    code: 'INVALID_S3_PATH',
    cause: 'invalid-address',
    how: 's3Path without s3://',
    async provoke() {
      return failureOf(save(await opened(), { s3Path: 'invalid-path' }))
    },
  },
  {
    code: 'DUPLICATE_MODEL',
    cause: 'version-exists',
    how: 'a version saved twice',
    async provoke() {
      const subject = await opened()
      await save(subject)
      return failureOf(save(subject))
    },
  },
  {
    code: 'DUPLICATE_MODEL',
    cause: 'save-in-progress',
    how: 'a version saved while another save of it is under way',
    async provoke() {
      const { registry } = await opened()
      const reading = Promise.withResolvers<void>()
      const go = Promise.withResolvers<void>()
      async function* slowly() {
        reading.resolve()
        await go.promise
        yield new Uint8Array(1)
      }
      const first = registry.saveModel(slowly(), metadata)
      await reading.promise
      const failure = await failureOf(registry.saveModel({}, metadata))
      go.resolve()
      await first
      return failure
    },
  },
  {
    code: 'MODEL_NOT_FOUND',
    cause: 'model-missing',
    how: 'a model that is not there is loaded',
    async provoke() {
      const { registry } = await opened()
      return failureOf(registry.loadModel('nobody', '1.0.0'))
    },
  },
  {
    code: 'MODEL_NOT_FOUND',
    cause: 'version-missing',
    how: 'a version that is not there is loaded',
    async provoke() {
      const subject = await opened()
      await save(subject)
      return failureOf(subject.registry.loadModel('btc-lstm', '9.9.9'))
    },
  },
  {
    code: 'S3_DOWNLOAD_FAILED',
    cause: 'file-unknown',
    how: 'a file that the version has not',
    async provoke() {
      const subject = await opened()
      await save(subject)
      const model = await subject.registry.loadModel('btc-lstm', '1.0.0')
      return failureOf(model.bytes('nothing.bin'))
    },
  },
  {
    code: 'S3_DOWNLOAD_FAILED',
    cause: 'file-not-parsable',
    how: 'bytes read as JSON',
    async provoke() {
      const { registry } = await opened()
      await registry.saveModel(new Uint8Array([255, 254]), metadata)
      return failureOf((await registry.loadModel('btc-lstm', '1.0.0')).json())
    },
  },
]

/** What stands in the way of a deployment. */
export const deploymentProvocations: readonly Provocation[] = [
  {
    code: 'DEPLOYMENT_FAILED',
    cause: 'model-missing',
    how: 'a model that is not there is deployed',
    async provoke() {
      const { registry } = await opened()
      return failureOf(registry.deployModel('nobody', '1.0.0', production))
    },
  },
  {
    code: 'DEPLOYMENT_FAILED',
    cause: 'version-missing',
    how: 'a version that is not there is deployed',
    async provoke() {
      const subject = await opened()
      await save(subject)
      return failureOf(subject.registry.deployModel('btc-lstm', '9.9.9', production))
    },
  },
  {
    code: 'DEPLOYMENT_FAILED',
    cause: 'version-archived',
    how: 'an archived version is deployed',
    async provoke() {
      const subject = await opened()
      await save(subject)
      await subject.registry.archiveModel('btc-lstm', '1.0.0')
      return failureOf(subject.registry.deployModel('btc-lstm', '1.0.0', production))
    },
  },
  {
    code: 'DEPLOYMENT_FAILED',
    cause: 'version-active',
    how: 'an active version is archived',
    async provoke() {
      const subject = await opened()
      await save(subject)
      await subject.registry.deployModel('btc-lstm', '1.0.0', production)
      return failureOf(subject.registry.archiveModel('btc-lstm', '1.0.0'))
    },
  },
  {
    code: 'DEPLOYMENT_FAILED',
    cause: 'environment-unknown',
    how: 'an environment that the configuration has not',
    async provoke() {
      const subject = await opened({ environments: { staging: {} } })
      await save(subject)
      return failureOf(subject.registry.deployModel('btc-lstm', '1.0.0', production))
    },
  },
  {
    code: 'DEPLOYMENT_FAILED',
    cause: 'policy-not-met',
    how: 'an accuracy below what the environment asks for',
    async provoke() {
      const subject = await opened({ environments: { production: { minimumMetrics: { accuracy: 0.9 } } } })
      await save(subject, { accuracy: 0.5 })
      return failureOf(subject.registry.deployModel('btc-lstm', '1.0.0', production))
    },
  },
  {
    code: 'DEPLOYMENT_FAILED',
    cause: 'smoke-test-failed',
    how: 'a smoke test that says no',
    async provoke() {
      const subject = await opened()
      await save(subject)
      return failureOf(
        subject.registry.deployModel('btc-lstm', '1.0.0', { ...production, smokeTest: () => false }),
      )
    },
  },
  {
    code: 'DEPLOYMENT_FAILED',
    cause: 'nothing-to-roll-back-to',
    how: 'a rollback of the first deployment',
    async provoke() {
      const subject = await opened()
      await save(subject)
      await subject.registry.deployModel('btc-lstm', '1.0.0', production)
      return failureOf(subject.registry.rollbackDeployment('btc-lstm', 'production'))
    },
  },
  {
    code: 'DEPLOYMENT_FAILED',
    cause: 'lease-lost',
    how: 'a process that was paused for longer than its lease',
    async provoke() {
      const subject = await opened({ lockLeaseMs: 1_000 })
      await save(subject)
      const smokeTest = () => pause(1_100)
      return failureOf(subject.registry.deployModel('btc-lstm', '1.0.0', { ...production, smokeTest }))
    },
  },
  {
    code: 'CONCURRENT_DEPLOYMENT',
    cause: 'deployment-in-progress',
    how: 'a deployment during another',
    async provoke() {
      const { subject, first, end } = await deploying()
      const failure = await failureOf(subject.registry.deployModel('btc-lstm', '1.0.0', production))
      end()
      await first
      return failure
    },
  },
  {
    code: 'CONCURRENT_DEPLOYMENT',
    cause: 'expected-version-not-active',
    how: 'another version is active than expected',
    async provoke() {
      const subject = await opened()
      await save(subject)
      return failureOf(
        subject.registry.deployModel('btc-lstm', '1.0.0', { ...production, expectedActive: '0.9.0' }),
      )
    },
  },
]

/** Holds up the whole process, as a debugger or a suspended machine does. */
function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

/** A deployment that waits in its smoke test. */
async function deploying() {
  const subject = await opened()
  await save(subject)
  const entered = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<void>()
  const smokeTest = () => {
    entered.resolve()
    return ended.promise
  }
  const first = subject.registry.deployModel('btc-lstm', '1.0.0', { ...production, smokeTest })
  await entered.promise
  return { subject, first, end: () => ended.resolve() }
}
