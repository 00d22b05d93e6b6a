import { describe, expect, it } from 'vitest'
import { catalog, causesById } from '../errors/catalog.js'
import { diskFull } from '../errors/causes/local-disk.js'
import { aborted } from '../errors/causes/objects.js'
import { DuplicateModelError } from '../errors/duplicate-model/error.js'
import { InvalidS3PathError } from '../errors/invalid-s3-path/error.js'
import { ModelNotFoundError } from '../errors/model-not-found/error.js'
import { ModelValidationError } from '../errors/model-validation-failed/error.js'
import { reviveError } from '../errors/revive.js'
import { S3DeleteError } from '../errors/s3-delete-failed/error.js'
import { S3UploadError } from '../errors/s3-upload-failed/error.js'
import { chooseFix, fixRules } from './fix-rules.js'
import { errorOf } from './testing/fix-clauses.js'
import { repairShop } from './testing/repair-shop.js'

describe('what cannot be repaired', () => {
  it.each([
    ['a deletion', 'the owner of the object', new S3DeleteError({ s3Path: 's3://models/a' })],
    ['a wrong address', 'suggestedPath', new InvalidS3PathError({ invalidPath: 'a' })],
    ['wrong values', 'suggestedMetadata', new ModelValidationError({ validationErrors: [] })],
    ['a model that is not there', 'didYouMean', new ModelNotFoundError('m', '1.0.0')],
    ['a version that exists', 'nextVersion', new DuplicateModelError({ modelId: 'm', version: '1.0.0' })],
    ['a full disk', 'what a person can do', new S3UploadError({ s3Path: 's3://m/a' }, { reason: diskFull })],
    [
      'an upload that was ended',
      'made again',
      new S3UploadError({ s3Path: 's3://m/a' }, { reason: aborted }),
    ],
  ])('is said of %s, with the reason', async (_, words, error) => {
    expect(chooseFix(error)).toEqual({ is: 'none', reason: expect.stringContaining(words) })
  })

  it('is said of an error of the registry, which answers false', async () => {
    const { registry } = await repairShop()
    const error = await errorOf(() => registry.loadModel('nobody', '1.0.0'))
    const plan = await error.planAutoFix()
    expect(plan).toMatchObject({ applicability: 'none', steps: [], effects: [] })
    expect(await error.attemptAutoFix()).toBe(false)
    expect(error.lastFix).toMatchObject({ ended: 'no-fix', seen: [plan.reason] })
  })

  it.each([
    ['that a program made itself', new S3DeleteError({ s3Path: 's3://models/a' })],
    ['that was rebuilt from its wire form', reviveError(new ModelNotFoundError('m').toJSON())],
  ])('is said of an error %s', async (_, error) => {
    if (error === undefined) throw new TypeError('the error could not be rebuilt')
    const plan = await error.planAutoFix()
    expect(plan).toMatchObject({ applicability: 'none' })
    expect(plan.reason).toContain('not thrown by a registry that is open in this process')
    expect(await error.attemptAutoFix()).toBe(false)
    expect(error.lastFix).toMatchObject({ ended: 'no-fix' })
  })
})

describe('the rules', () => {
  it('name repairs that the catalog names too, in the same words', () => {
    for (const rule of fixRules) {
      if (!('fix' in rule) || rule.causes === 'all') continue
      const { id, applicability, does } = rule.fix
      for (const { fix } of rule.causes)
        if (fix !== undefined) expect(fix).toEqual({ id, applicability, does })
    }
    const ids = fixRules.flatMap((rule) => ('fix' in rule ? [rule.fix.id] : []))
    for (const { id, fix } of causesById.values())
      if (fix !== undefined) expect(ids, `${id} names a repair that runs`).toContain(fix.id)
  })

  it('name causes of their code only, and give each a reason or a repair', () => {
    for (const { code, causes } of fixRules) {
      if (causes === 'all') continue
      const ids = catalog[code].causes.map(({ id }) => id)
      for (const { id } of causes) expect(ids, `${code}/${id}`).toContain(id)
    }
  })
})
