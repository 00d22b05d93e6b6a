import {
  anyOf,
  commonWording,
  defineCause,
  type ErrorContext,
  type Evidence,
  knownToRegistry,
  step,
  wording,
} from '../cause.js'
import { saidProblems, validationSteps } from '../validation-steps.js'
import { quote } from './place.js'
import { recheckPolicy, waitForDeployment, waitForSave } from './repairs.js'

const rule = { evidence: knownToRegistry, source: 'modelry' } as const
/** The words of the registry itself, for texts that have lost its codes. */
const saying = (...phrases: string[]): Evidence => anyOf(knownToRegistry, wording(phrases))
const ref = (c: ErrorContext) =>
  c.modelId === undefined ? 'MODEL@VERSION' : c.version ? `${c.modelId}@${c.version}` : c.modelId
const theModel = (c: ErrorContext) => c.modelId ?? 'the model'
const theVersion = (c: ErrorContext) => (c.modelId === undefined ? 'the version' : ref(c))
const model = (c: ErrorContext) => quote(c.modelId ?? 'MODEL')
const inSeconds = ({ retryInMs }: ErrorContext) =>
  retryInMs === undefined ? 'when its lease does' : `in ${Math.ceil(retryInMs / 1000)} s`
const environment = (c: ErrorContext) => c.environment ?? 'the environment'

export const invalidMetadata = defineCause({
  ...rule,
  id: 'invalid-metadata',
  title: 'The values given break their rules',
  broad: true,
  evidence: saying('failed schema validation', 'metadata validation failed', 'breaks the schema'),
  because: (c) => saidProblems(c) ?? 'a value does not follow its rules',
  retry: 'never',
  steps: (c) => [...validationSteps(c), step('Make the call again with the corrected values.')],
})

export const invalidAddress = defineCause({
  ...rule,
  id: 'invalid-address',
  title: 'The address is not well formed',
  evidence: saying(
    'not of the form s3',
    'invalid s3 path',
    'invalid s3 uri',
    'invalid s3 url',
    'does not start with s3',
    'invalid s3 address',
    's3 path format is invalid',
    'not a valid s3',
  ),
  because: (c) => c.problem ?? 'it is not of the form s3://bucket-name/path/to/object',
  retry: 'never',
  steps: (c) => [
    ...(c.suggestedPath === undefined
      ? []
      : [step(`Use ${c.suggestedPath}, if that is what is meant: error.context.suggestedPath has it.`)]),
    step('Use the form s3://bucket-name/path/to/object, or leave s3Path out and the registry chooses one.'),
  ],
})

export const duplicateReady = defineCause({
  ...rule,
  id: 'version-exists',
  title: 'The version exists',
  evidence: saying(
    'that version exists',
    'version already exists',
    'already exists and versions are immutable',
  ),
  because: (c) =>
    c.identical === undefined
      ? 'that version exists and versions are immutable'
      : c.identical
        ? 'that version exists with the very same content'
        : 'that version exists with other content, and versions are immutable',
  retry: 'never',
  steps: (c) => [
    ...(c.identical ? [step('Nothing needs to be saved: the stored version has the same files.')] : []),
    ...(c.existing
      ? [
          step(
            `This registry has the digest ${c.existing}, the export ${c.offered ?? 'no such version'}: import into another registry, or delete the model here.`,
          ),
        ]
      : [step(`Save under a higher version, such as ${c.nextVersion ?? 'the next one'}.`)]),
    step('To give the existing version another name, set an alias on it.', {
      run: `modelry alias set ${quote(ref(c))} champion`,
    }),
  ],
})

export const duplicateSaving = defineCause({
  ...rule,
  id: 'save-in-progress',
  title: 'The version is being saved',
  narrows: ['version-exists'],
  evidence: saying(
    'another save of that version is under way',
    'version is being saved',
    'already being saved',
    'save already in progress',
  ),
  because: () => 'another save of that version is under way',
  retry: 'safe',
  fix: waitForSave,
  steps: (c) => [
    step(`Wait for it to end; if its process died, the version is free again ${inSeconds(c)}.`),
    step('Then make the same call again.'),
  ],
})

export const modelMissing = defineCause({
  ...rule,
  id: 'model-missing',
  title: 'No model of that name',
  evidence: anyOf(
    saying('no model named'),
    commonWording(['model not found', 'model…not found in database', 'unknown model']),
  ),
  because: (c) => `there is no model ${c.modelId === undefined ? 'of that name' : `named ${c.modelId}`}`,
  retry: 'after-fix',
  status: 404,
  steps: (c) => [
    ...(c.didYouMean?.length ? [step(`Did you mean ${c.didYouMean.join(' or ')}?`)] : []),
    step('See which models there are.', { run: 'modelry list' }),
  ],
})

export const versionMissing = defineCause({
  ...rule,
  id: 'version-missing',
  title: 'No such version of the model',
  narrows: ['model-missing'],
  evidence: saying(
    'has no version or alias',
    'no such version of',
    'version…not found for model',
    'model version…not found',
    'no version…of model',
  ),
  because: (c) =>
    `${c.modelId === undefined ? 'the model' : `the model ${c.modelId}`} has no version or alias ${c.version ?? 'of that name'}`,
  retry: 'after-fix',
  status: 404,
  steps: (c) => [
    ...(c.didYouMean?.length ? [step(`Did you mean ${c.didYouMean.join(' or ')}?`)] : []),
    step('See which versions there are.', { run: `modelry versions ${model(c)}` }),
  ],
})

export const versionArchived = defineCause({
  ...rule,
  id: 'version-archived',
  title: 'The version is archived',
  evidence: saying(
    'version is archived',
    '@…is archived',
    'model is archived',
    'cannot deploy archived',
    'archived version',
  ),
  because: (c) => `${theVersion(c)} is archived`,
  retry: 'after-fix',
  status: 409,
  steps: (c) => [
    step('Restore it first, or choose another version.', { run: `modelry restore ${quote(ref(c))}` }),
  ],
})

export const versionActive = defineCause({
  ...rule,
  id: 'version-active',
  title: 'The version is active',
  evidence: saying(
    '@…is active in',
    'cannot delete active',
    'cannot archive active',
    'version is active in',
    'is the active version',
  ),
  because: (c) => `${theVersion(c)} is active in ${environment(c)}`,
  retry: 'after-fix',
  status: 409,
  steps: (c) => [
    step('Deploy another version there first.', { run: `modelry deployments ${model(c)}` }),
    step('Then make the same call again.'),
  ],
})

export const environmentUnknown = defineCause({
  ...rule,
  id: 'environment-unknown',
  title: 'No environment of that name',
  evidence: anyOf(
    saying('no environment named'),
    commonWording([
      'unknown environment',
      'environment…is not configured',
      'environment…does not exist',
      'invalid environment',
    ]),
  ),
  because: (c) =>
    `the configuration has no environment named ${environment(c)}${Array.isArray(c.expected) ? `, only ${c.expected.join(', ')}` : ''}`,
  retry: 'after-fix',
  status: 422,
  steps: (c) => [
    ...(c.didYouMean?.length ? [step(`Did you mean ${c.didYouMean.join(' or ')}?`)] : []),
    step('See which environments there are.', { run: 'modelry config' }),
  ],
})

export const policyNotMet = defineCause({
  ...rule,
  id: 'policy-not-met',
  title: 'The policy of the environment is not met',
  evidence: anyOf(
    saying(
      'does not meet the policy',
      'policy of the environment is not met',
      'policy not met',
      'not been active in staging',
    ),
    commonWording(['policy violation']),
  ),
  because: (c) =>
    `${theVersion(c)} does not meet the policy of ${environment(c)}: ${c.problem ?? 'see the configuration'}`,
  retry: 'after-fix',
  fix: recheckPolicy,
  status: 422,
  steps: (c) => [
    ...(Number(c.approvalsMissing) > 0
      ? [
          step(`Let others than ${c.actor} approve it, each by a name of their own.`, {
            run: `modelry approve ${quote(ref(c))} --env ${quote(c.environment ?? 'ENVIRONMENT')}`,
          }),
        ]
      : []),
    step('Deploy a version that meets it, or change the policy in the configuration.', {
      run: 'modelry config',
    }),
  ],
})

export const smokeTestFailed = defineCause({
  ...rule,
  id: 'smoke-test-failed',
  title: 'The smoke test failed',
  evidence: saying('smoke test did not pass', 'smoke test failed', 'smoke test…failed'),
  because: () => 'the smoke test did not pass',
  retry: 'after-fix',
  status: 422,
  steps: () => [
    step('Read what the test says, in error.cause, then mend the model or the test.'),
    step('Where it ran out of time, give it more with smokeTestTimeoutMs.'),
  ],
})

export const filesMissing = defineCause({
  ...rule,
  id: 'files-missing',
  title: 'Files of the version cannot be read',
  symptom: true,
  evidence: saying('cannot be read from the store', 'files of the version are not in the store'),
  because: (c) =>
    `${c.file === undefined ? 'a file' : `the file ${c.file}`} of ${theVersion(c)} cannot be read from the store${c.problem ? `: ${c.problem}` : ''}`,
  retry: 'after-fix',
  status: 409,
  steps: (c) => [step('See what is wrong with its files.', { run: `modelry verify ${quote(ref(c))}` })],
})

export const deploymentInProgress = defineCause({
  ...rule,
  id: 'deployment-in-progress',
  title: 'Another deployment is under way',
  evidence: anyOf(
    saying(
      'is deploying…to',
      'deployment is under way',
      'deployment already in progress',
      'deployment lock',
      'concurrent deployment',
      'another deployment is',
    ),
    commonWording(['deployment in progress']),
  ),
  because: (c) => `${c.holder ?? 'somebody else'} is deploying ${theModel(c)} to ${environment(c)}`,
  retry: 'safe',
  fix: waitForDeployment,
  steps: (c) => [
    step(`Wait, and make the same call again; the lock ends ${inSeconds(c)} at the latest.`),
    step('Or let the call wait by itself.', {
      run: `modelry deploy ${quote(ref(c))} --env ${quote(c.environment ?? 'ENVIRONMENT')} --wait 30s`,
    }),
  ],
})

export const unexpectedActive = defineCause({
  ...rule,
  id: 'expected-version-not-active',
  title: 'Another version is active than expected',
  narrows: ['version-active'],
  evidence: saying(
    'is active in…where…was expected',
    'expected active version',
    'expectedactive',
    'expected version…not active',
  ),
  because: (c) =>
    `${String(c.actual ?? 'nothing')} is active in ${environment(c)} where ${String(c.expected ?? 'nothing')} was expected`,
  retry: 'after-fix',
  steps: (c) => [
    step('See what is active and who deployed it.', { run: `modelry deployments ${model(c)}` }),
    step(
      `Decide again, and pass the version that is active as expectedActive: --expect ${String(c.actual ?? 'VERSION')} on the command line.`,
    ),
  ],
})

export const nothingToRollBackTo = defineCause({
  ...rule,
  id: 'nothing-to-roll-back-to',
  title: 'No earlier deployment',
  evidence: saying('no earlier deployment', 'no previous deployment', 'nothing to roll back'),
  because: (c) => `${theModel(c)} has no earlier deployment in ${environment(c)} to go back to`,
  retry: 'never',
  status: 409,
  steps: (c) => [step('Deploy the version that you want by name.', { run: `modelry versions ${model(c)}` })],
})

export const transactionFailed = defineCause({
  ...rule,
  id: 'transaction-failed',
  title: 'The database did not take the deployment',
  symptom: true,
  evidence: saying('deployment transaction failed'),
  because: () => 'the database failed',
  retry: 'after-fix',
  status: 503,
  steps: () => [
    step('Read the error underneath, in error.cause: it is a DATABASE_ERROR with its own cause and steps.'),
  ],
})
