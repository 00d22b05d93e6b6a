import {
  anyOf,
  commonWording,
  defineCause,
  type ErrorContext,
  knownToRegistry,
  type Step,
  step,
  wording,
} from '../cause.js'
import { saidProblems, validationSteps } from '../validation-steps.js'

const because = (otherwise: string) => (c: ErrorContext) => saidProblems(c) ?? otherwise

/** Advice for one field, which a problem of another one must not give. */
const about = (field: string, advice: string) => (c: ErrorContext) =>
  (c.validationErrors ?? []).every(({ path }) => path === field) ? correct(advice)(c) : correct()(c)

const correct =
  (...advice: readonly string[]) =>
  (c: ErrorContext): readonly Step[] => [
    ...validationSteps(c),
    ...advice.map((text) => step(text)),
    step('Make the call again with the corrected value.'),
  ]

const rule = { retry: 'never', source: 'modelry' } as const

export const invalidVersion = defineCause({
  ...rule,
  id: 'invalid-version',
  title: 'The version is not a semantic version',
  because: because('the version is not of the form MAJOR.MINOR.PATCH'),
  evidence: anyOf(
    knownToRegistry,
    wording([
      'not a semantic version',
      'not a valid semantic version',
      'invalid semantic version',
      'must be a semantic version',
      'must follow semantic versioning',
      'not a valid semver',
      'invalid semver',
      'not valid semver',
      'typeerror: invalid version',
      'expected semver',
    ]),
  ),
  steps: correct(
    'Use three numbers without a v in front, such as 1.2.0; 2.0.0-rc.1 is a pre-release. v1.2 is 1.2.0.',
  ),
  source: 'https://semver.org/spec/v2.0.0.html',
})

export const invalidId = defineCause({
  ...rule,
  id: 'invalid-id',
  title: 'The name of the model is not allowed',
  because: because('the name of the model is not allowed'),
  evidence: anyOf(knownToRegistry, wording(['invalid modelid', 'invalid model id', 'invalid model name'])),
  steps: correct(
    'Use at most 128 letters, digits, ".", "_" and "-", starting with a letter or digit, with at most one "namespace/" in front.',
  ),
})

export const missingField = defineCause({
  ...rule,
  id: 'missing-field',
  title: 'A required field is missing',
  because: because('a required field is missing'),
  evidence: anyOf(
    knownToRegistry,
    wording([
      'modelid is required',
      'version is required',
      'modeltype is required',
      'inputshape is required',
      'outputshape is required',
      's3path is required',
    ]),
    commonWording([
      'missing required field',
      'missing required fields',
      'missing required property',
      'required field…missing',
      'must have required property',
    ]),
  ),
  steps: correct(
    'modelId, version, modelType, inputShape and outputShape are required; s3Path is derived when it is left out.',
  ),
})

export const wrongValue = defineCause({
  ...rule,
  id: 'wrong-value',
  title: 'A value is none of those allowed',
  because: because('a value is none of those allowed'),
  evidence: anyOf(
    knownToRegistry,
    wording([
      'invalid model type',
      'invalid modeltype',
      'unknown model type',
      'modeltype…must be one of',
      'modeltype…one of lstm',
      'one of lstm, transformer, neural, ensemble',
    ]),
  ),
  steps: about('modelType', 'modelType is one of lstm, transformer, neural and ensemble, in lower case.'),
})

export const invalidShape = defineCause({
  ...rule,
  id: 'invalid-shape',
  title: 'A shape is not a list of numbers',
  because: because('a shape is not a list of whole numbers'),
  evidence: anyOf(
    knownToRegistry,
    wording([
      'inputshape must be',
      'outputshape must be',
      'invalid input shape',
      'invalid output shape',
      'invalid inputshape',
      'invalid outputshape',
      'inputshape…expected array',
      'outputshape…expected array',
    ]),
  ),
  steps: correct(
    'Give the dimensions of the tensor without the batch axis, as numbers: [60, 5], and not "60,5".',
  ),
})

export const outOfRange = defineCause({
  ...rule,
  id: 'out-of-range',
  title: 'A number is out of range',
  because: because('a number is out of range'),
  evidence: anyOf(
    knownToRegistry,
    wording([
      'accuracy must be between 0 and 1',
      'accuracy…between 0 and 1',
      'accuracy…less than or equal to 1',
      'accuracy…<=1',
    ]),
  ),
  steps: about('accuracy', 'accuracy goes from 0 to 1: 93 % is 0.93.'),
})

export const unknownField = defineCause({
  ...rule,
  id: 'unknown-field',
  title: 'A field is not known',
  because: because('a field is not known'),
  evidence: knownToRegistry,
  steps: correct('Put numbers of your own into metrics, and other facts into tags or hyperparameters.'),
})

/** What one problem of metadata can be. `invalid-metadata` stands for several that differ. */
export const validationCauses = [
  missingField,
  invalidVersion,
  wrongValue,
  invalidShape,
  outOfRange,
  invalidId,
  unknownField,
] as const
