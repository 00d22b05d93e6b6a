import { runInNewContext } from 'node:vm'
import { describe, expect, it, vi } from 'vitest'
import type { AnyModelRegistryError } from './any-error.js'
import { catalog } from './catalog.js'
import { diskFull } from './causes/local-disk.js'
import { accessDenied } from './causes/s3-access.js'
import { storeFull } from './causes/s3-service.js'
import { errorCodes } from './entry.js'
import { isModelRegistryError, ModelRegistryError } from './model-registry-error.js'
import { reviveError } from './revive.js'
import { S3DownloadError } from './s3-download-failed/error.js'
import { S3UploadError } from './s3-upload-failed/error.js'
import { samples } from './testing/samples.js'

describe.each(errorCodes)('%s', (code) => {
  const { className, category, severity, runbook } = catalog[code]
  const error = samples[code]()

  it('carries what the catalog says of its code', () => {
    expect(error).toMatchObject({ code, category, severity, name: className })
    expect(error.runbook).toBe(`docs/runbooks/${runbook}.md`)
    expect(error.stack?.split('\n')[0]).toBe(`${className} [${code}]: ${error.message}`)
  })

  it('is told from every other class by instanceof, and from other errors', () => {
    for (const other of errorCodes) {
      const made = samples[other]()
      expect(made instanceof ModelRegistryError).toBe(true)
      expect(error.constructor === made.constructor).toBe(other === code)
    }
    expect(new Error('other') instanceof (error.constructor as typeof ModelRegistryError)).toBe(false)
  })

  it('comes back from JSON as the same class with the same facts', () => {
    const cause = Object.assign(new Error('write failed', { cause: new TypeError('below') }), {
      code: 'ENOSPC',
    })
    const leftovers = [{ kind: 'object', at: 's3://b/k' }] as const
    const sent = samples[code]({}, { cause, outcome: 'unknown', leftovers, requestId: 'req-1' })
    const revived = reviveError(JSON.parse(JSON.stringify(sent)))
    expect(revived).toBeInstanceOf(sent.constructor)
    expect(JSON.stringify(revived)).toBe(JSON.stringify(sent))
  })

  it('is still known for what it is after structuredClone, and can be made whole again', () => {
    const clone: unknown = structuredClone(error)
    expect(clone instanceof ModelRegistryError).toBe(true)
    expect(isModelRegistryError(clone)).toBe(true)
    expect(clone instanceof (error.constructor as typeof ModelRegistryError)).toBe(true)
    expect(reviveError(clone)).toMatchObject({ code, message: error.message, outcome: 'unknown' })
  })
})

describe('ModelRegistryError', () => {
  it('knows the errors of another copy of the module', async () => {
    vi.resetModules()
    const copy = await import('./s3-upload-failed/error.js')
    const foreign: unknown = new copy.S3UploadError({ s3Path: 's3://b/k' })
    expect(copy.S3UploadError).not.toBe(S3UploadError)
    expect(foreign instanceof S3UploadError).toBe(true)
    expect(foreign instanceof S3DownloadError).toBe(false)
    expect(foreign instanceof ModelRegistryError).toBe(true)
  })

  it("lets a user's own subclass be told from its parent", () => {
    class Mine extends S3UploadError {}
    expect(new Mine({ s3Path: 's3://b/k' }) instanceof S3UploadError).toBe(true)
    expect(new Mine({ s3Path: 's3://b/k' }) instanceof Mine).toBe(true)
    expect(new S3UploadError({ s3Path: 's3://b/k' }) instanceof Mine).toBe(false)
  })

  it('is not claimed by what only looks like it', () => {
    expect(isModelRegistryError({ code: 'S3_UPLOAD_FAILED', message: 'no error at all' })).toBe(false)
    expect(isModelRegistryError(Object.assign(new Error('x'), { code: 'S3_UPLOAD_FAILED' }))).toBe(false)
    expect(isModelRegistryError('S3UploadError [S3_UPLOAD_FAILED]: x')).toBe(false)
    expect(isModelRegistryError(null)).toBe(false)
  })

  it('lists the causes under it, also those of another realm, and ends where the chain is endless', () => {
    const foreign: unknown = runInNewContext(`Object.assign(new Error('no space'), { code: 'ENOSPC' })`)
    const [below] = new S3UploadError({ s3Path: 's3://b/k' }, { cause: foreign }).toJSON().causedBy
    expect(below).toEqual({ name: 'Error', message: 'no space', code: 'ENOSPC' })

    const endless = new Error('round')
    endless.cause = endless
    expect(new S3UploadError({ s3Path: 's3://b/k' }, { cause: endless }).toJSON().causedBy).toHaveLength(8)
  })

  it('takes the delay from the failure first and from the cause after it', () => {
    const slow = { ...diskFull, retryInMs: 4_000 }
    expect(new S3UploadError({ s3Path: 's3://b/k' }, { reason: slow }).retry).toEqual({
      advice: 'after-fix',
      inMs: 4_000,
    })
    expect(new S3UploadError({ s3Path: 's3://b/k', retryInMs: 9 }, { reason: slow }).retry.inMs).toBe(9)
  })

  it('fixes nothing by itself', async () => {
    expect(await new S3UploadError({ s3Path: 's3://b/k' }).attemptAutoFix()).toBe(false)
  })

  it('writes a guide that a person can follow from top to bottom', () => {
    const error = samples.S3_UPLOAD_FAILED(
      {},
      { reason: accessDenied, leftovers: [{ kind: 'object', at: 's3://trading-models/tmp/1' }] },
    )
    expect(error.getTroubleshootingGuide()).toMatchInlineSnapshot(`
      "S3_UPLOAD_FAILED: Upload to the artifact store failed
      Category Storage, severity Critical, cause access-denied

      The upload of model.json for btc-lstm@1.2.0 to s3://trading-models/btc-lstm/1.2.0/model.json failed, because arn:aws:iam::111122223333:user/trainer may not do s3:PutObject on s3://trading-models/btc-lstm/1.2.0/model.json. Nothing was recorded for btc-lstm@1.2.0.

      Left behind:
        - object s3://trading-models/tmp/1

      What to do:
        1. See which identity is used.
           $ aws sts get-caller-identity
        2. Grant it s3:PutObject on arn:aws:s3:::trading-models/*, and s3:ListBucket on arn:aws:s3:::trading-models.
        3. Read the policy of the bucket trading-models: it must not deny the same; in another account it must allow it.
           $ aws s3api get-bucket-policy --bucket trading-models
        4. Make the same call again; a change of a policy may take some minutes.

      Outcome: not-applied: what was asked for was not done.
      Retry: the same call can succeed once the cause is mended.
      By itself: A save that failed leaves nothing visible, and its reservation ends by itself.
      Runbook: docs/runbooks/s3-upload-failure.md"
    `)
  })

  it('adds the steps of the code where the cause is not known', () => {
    const guide = samples.DATABASE_ERROR().getTroubleshootingGuide()
    for (const { text } of catalog.DATABASE_ERROR.troubleshooting) expect(guide).toContain(text)
  })
})

describe('the message of an error', () => {
  it('says how often the store was asked, where that was more than once', () => {
    const message = (attempts: number) => samples.S3_ERROR({ attempts }, { reason: storeFull }).message
    expect(message(5)).toContain('is used up. It was tried 5 times. Nothing was changed.')
    expect(message(1)).toContain('is used up. Nothing was changed.')
  })
})

describe('the steps of an error', () => {
  const commandsOf = ({ steps }: ModelRegistryError) => steps.flatMap(({ run = [] }) => run)

  it('ask AWS where no other store is named', () => {
    expect(commandsOf(samples.S3_ERROR({}, { reason: accessDenied }))).toEqual([
      'aws sts get-caller-identity',
      'aws s3api get-bucket-policy --bucket trading-models',
    ])
  })

  it('ask another store itself, and no service that only AWS has', () => {
    const endpoint = 'http://minio:9000'
    const s3 = samples.S3_ERROR({ endpoint }, { reason: accessDenied })
    expect(commandsOf(s3)).toEqual([
      'aws s3api get-bucket-policy --bucket trading-models --endpoint-url http://minio:9000',
    ])
    expect(s3.steps[0]).toEqual({ text: 'See which identity is used.' })
    const full = samples.S3_ERROR({ endpoint }, { reason: storeFull })
    expect(commandsOf(full)[0]).toMatch(/^aws s3 ls .* --endpoint-url http:\/\/minio:9000$/)
    for (const code of errorCodes)
      for (const run of commandsOf(samples[code]({ endpoint })))
        expect(run).not.toMatch(/amazon|sts|iam list|^aws s3(?!.*--endpoint-url)/)
  })

  it('cannot be made to run what stands in the address of a store', () => {
    const error = samples.S3_ERROR({ endpoint: "http://x'; reboot #" }, { reason: accessDenied })
    expect(commandsOf(error)[0]).toMatch(/--endpoint-url 'http:\/\/x'\\''; reboot #'$/)
  })
})

describe('reviveError', () => {
  it('keeps the steps and the delay of a cause that only the server knows', () => {
    const wire = {
      code: 'S3_ERROR',
      detail: 'The store is being moved.',
      cause: 'store-moving',
      retry: { advice: 'safe', inMs: 60_000 },
      steps: [{ text: 'Wait.', run: 'sleep 60' }],
    }
    expect(reviveError(wire)).toMatchObject({
      message: 'The store is being moved.',
      reason: { id: 'store-moving' },
      retry: { advice: 'safe', inMs: 60_000 },
      steps: wire.steps,
      outcome: 'unknown',
    })
  })

  it.each([undefined, null, 1, 'S3_ERROR', [], {}, { code: 'OTHER' }, new Error('x')])(
    'refuses %o',
    (value) => {
      expect(reviveError(value)).toBeUndefined()
    },
  )

  it('takes an error that is whole already as it is', () => {
    const error = samples.S3_ERROR()
    expect(reviveError(error)).toBe(error)
  })
})

describe('the union of all errors', () => {
  it('narrows to the class in a switch over its code', () => {
    expect(whereOf(samples.S3_UPLOAD_FAILED() as AnyModelRegistryError)).toContain('s3://')
    expect(whereOf(samples.MODEL_NOT_FOUND() as AnyModelRegistryError)).toBe('btc-lstm')
    expect(forgetful('DATABASE_ERROR')).toBeUndefined()
  })
})

/** Returns on every path only because every code has its case. */
function whereOf(error: AnyModelRegistryError): string {
  switch (error.code) {
    case 'S3_UPLOAD_FAILED':
    case 'S3_DOWNLOAD_FAILED':
    case 'S3_DELETE_FAILED':
      return error.context.s3Path
    case 'S3_ERROR':
    case 'DATABASE_ERROR':
      return error.context.operation
    case 'S3_UNAVAILABLE':
    case 'CIRCUIT_BREAKER_OPEN':
      return 'the store'
    case 'INVALID_S3_PATH':
      return error.context.invalidPath
    case 'MODEL_VALIDATION_FAILED':
      return error.context.validationErrors.map(({ path }) => path).join()
    case 'DEPLOYMENT_FAILED':
    case 'CONCURRENT_DEPLOYMENT':
    case 'DUPLICATE_MODEL':
    case 'MODEL_NOT_FOUND':
      return error.context.modelId
  }
}

// @ts-expect-error: without a case for every code a path has no value, and the type check says so.
function forgetful(code: AnyModelRegistryError['code']): string {
  switch (code) {
    case 'S3_UPLOAD_FAILED':
      return 'upload'
  }
}
