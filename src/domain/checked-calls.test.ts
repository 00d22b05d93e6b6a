import { expect, it } from 'vitest'
import { ModelValidationError } from '../errors/model-validation-failed/error.js'
import { withCheckedCalls } from './checked-calls.js'

const done = async (..._args: unknown[]) => 'done'
const methods = ['saveModel', 'getModel', 'loadModel', 'updateMetadata', 'setAlias', 'removeAlias']
const changing = [
  'archiveModel',
  'restoreModel',
  'deleteModel',
  'approveDeployment',
  'revokeApproval',
  'deployModel',
  'rollbackDeployment',
  'resetBreaker',
]
const registry = withCheckedCalls({
  ...Object.fromEntries([...methods, ...changing].map((name) => [name, done])),
  deployModel: done,
})

it.each([
  { waitMs: 10n },
  { waitMs: '10' },
  { expectedActive: {} },
  { expectedActive: [] },
  { signal: { aborted: false, addEventListener() {} } },
  { signal: new AbortController() },
  null,
])('refuses %o as options before the call', async (options) => {
  await expect(registry.deployModel('m', '1.0.0', options)).rejects.toBeInstanceOf(ModelValidationError)
})

it.each([
  { waitMs: 10 },
  { expectedActive: null },
  { expectedActive: '1.0.0' },
  { signal: AbortSignal.any([]) },
])('takes %o', async (options) => {
  expect(await registry.deployModel('m', '1.0.0', options)).toBe('done')
})
