import { describe, expect, it } from 'vitest'
import { readCorpus } from './corpus.testing.js'
import { diagnoseText } from './diagnose-text.js'
import { mask } from './mask.js'

const corpus = readCorpus(new URL('../../test/corpus/diagnosis/', import.meta.url))

const denied = `upload failed: ./m.onnx to s3://acme-models/fx/1.0.0/m.onnx An error occurred (AccessDenied) when calling the PutObject operation: User: arn:aws:iam::471112345678:user/ci is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::acme-models/fx/1.0.0/m.onnx" because no identity-based policy allows the s3:PutObject action`

describe('diagnoseText', () => {
  it('answers with everything that a person or a program needs, and nothing else', () => {
    const answer = diagnoseText(denied)
    expect(Object.keys(answer)).toEqual([
      ...['code', 'cause', 'title', 'confidence', 'evidence', 'outcome', 'retry', 'steps', 'runbook', 'fix'],
      'considered',
    ])
    expect(answer).toMatchObject({
      code: 'S3_UPLOAD_FAILED',
      cause: 'access-denied',
      title: 'Access denied',
      outcome: 'not-applied',
      retry: { advice: 'after-fix' },
      runbook: 'docs/runbooks/s3-upload-failure.md',
      fix: null,
    })
    expect(JSON.parse(JSON.stringify(answer))).toEqual(answer)
  })

  it('fills the steps with the values of the text', () => {
    const steps = JSON.stringify(diagnoseText(denied).steps)
    expect(steps).toContain('Grant it s3:PutObject on arn:aws:s3:::acme-models/*')
    expect(steps).toContain('aws s3api get-bucket-policy --bucket acme-models')
  })

  it.each([
    ['Error: connect ECONNREFUSED 10.0.3.21:5432', 'nc -vz 10.0.3.21 5432'],
    [
      'psql: error: connection to server at "db.internal" (10.0.0.9), port 5432 failed: FATAL:  database "registy" does not exist',
      'createdb -h db.internal -p 5432 registy',
    ],
    [
      'error: permission denied for table "trained_models" code: \'42501\' user "scorer"',
      'on trained_models to scorer',
    ],
    [
      "Error: ENOSPC: no space left on device, open '/srv/modelry/store/models/w.bin'",
      'df -h /srv/modelry/store/models',
    ],
    [
      'ModelNotFoundError [MODEL_NOT_FOUND]: fx@9.9.9 was not found, because the model fx has no version or alias 9.9.9.',
      'modelry versions fx',
    ],
    [
      "NoSuchBucket: The specified bucket does not exist { BucketName: 'acme-modles', endpoint http://minio:9000 }",
      '--bucket acme-modles --endpoint-url http://minio:9000',
    ],
    [
      "AuthorizationHeaderMalformed: the region 'us-east-1' is wrong; expecting 'eu-central-1'",
      'eu-central-1',
    ],
  ])('takes the values of %s into a step', (text, wanted) => {
    expect(JSON.stringify(diagnoseText(text).steps)).toContain(wanted)
  })

  it('says where each piece of evidence stands and what it means', () => {
    for (const { text, operation } of corpus) {
      for (const piece of diagnoseText(text, { operation }).evidence) {
        expect(piece.end).toBeGreaterThan(piece.start)
        expect(mask(text.slice(piece.start, piece.end)).startsWith(piece.text)).toBe(true)
        expect(piece.means).toMatch(/^(?:the|a|these) /)
      }
    }
  })

  it('says how long to wait where the text says it', () => {
    expect(diagnoseText('HTTP/1.1 503 Slow Down\nRetry-After: 7\n<Code>SlowDown</Code>').retry).toEqual({
      advice: 'safe',
      inMs: 7000,
    })
    expect(diagnoseText('SlowDown: Please reduce your request rate.').retry).toEqual({
      advice: 'safe',
      inMs: 5000,
    })
  })

  it('does not say that nothing happened where a write may have taken effect', () => {
    expect(diagnoseText('PutObject: read ECONNRESET').outcome).toBe('unknown')
    expect(diagnoseText('GetObject: read ECONNRESET').outcome).toBe('not-applied')
    expect(diagnoseText('{"code":"DATABASE_ERROR","cause":"sqlite-busy","outcome":"applied"}').outcome).toBe(
      'applied',
    )
  })

  it('takes the word of the caller for what was being done', () => {
    const text = 'Error: read ECONNRESET'
    expect(diagnoseText(text, { operation: 'download' }).code).toBe('S3_DOWNLOAD_FAILED')
    expect(diagnoseText(text, { operation: 'metadata' }).code).toBe('DATABASE_ERROR')
    expect(diagnoseText(text, { operation: 'list' }).code).toBe('S3_UNAVAILABLE')
    expect(diagnoseText('AccessDenied', { operation: 'list' }).code).toBe('S3_ERROR')
    expect(diagnoseText('deadlock detected', { operation: 'deploy' }).code).toBe('DEPLOYMENT_FAILED')
  })

  it('puts the first failure before what followed from it', () => {
    const log = [
      '2026-01-01T00:00:00Z WARN put failed: getaddrinfo EAI_AGAIN s3.eu-west-1.amazonaws.com',
      '2026-01-01T00:00:09Z ERROR circuit breaker is open',
      '2026-01-01T00:00:10Z ERROR AccessDenied: Access Denied (PutObject)',
    ].join('\n')
    expect(diagnoseText(log).cause).toBe('resolver-unavailable')
    expect(diagnoseText(log).considered.map(({ cause }) => cause)).toEqual(
      expect.arrayContaining(['access-denied', 'breaker-open']),
    )
  })

  it('says that it knows the code alone where nothing tells why', () => {
    const answer = diagnoseText('S3UploadError [S3_UPLOAD_FAILED]: something odd')
    expect(answer).toMatchObject({ code: 'S3_UPLOAD_FAILED', cause: 'unknown' })
    expect(answer.confidence).toBeLessThan(0.6)
    expect(answer.steps[0]?.text).toContain('Paste the whole error')
  })

  it('says what to paste where it finds nothing', () => {
    for (const text of ['', 'hello', 'TypeError: x is not a function']) {
      expect(diagnoseText(text)).toMatchObject({
        code: null,
        cause: null,
        confidence: 0,
        runbook: null,
        fix: null,
      })
      expect(diagnoseText(text).steps.length).toBeGreaterThan(1)
    }
  })

  it('finds a failure wherever it stands in a large log, also across the pieces in which it is read', () => {
    for (const before of [0, 1000, 256 * 1024 - 40, 256 * 1024 - 4100, 300_000, 1_000_000]) {
      const text = `${'x y '.repeat(before / 4)}\nAn error occurred (NoSuchBucket) when calling the PutObject operation\n${'y '.repeat(1000)}`
      const { cause, evidence } = diagnoseText(text)
      expect(cause, String(before)).toBe('bucket-missing')
      expect(text.slice(evidence[0]?.start, evidence[0]?.end)).toBe('NoSuchBucket')
    }
  })

  it('reads through colours, escapes of JSON and quotes of other languages', () => {
    expect(diagnoseText("\u001b[31mcode\u001b[39m: \u001b[32m'NoSuchKey'\u001b[39m").cause).toBe(
      'object-missing',
    )
    expect(diagnoseText(String.raw`{"msg":"boom\nNoSuchKey: gone\n\tat x"}`).cause).toBe('object-missing')
    expect(diagnoseText(String.raw`{"e":"\u001b[31mNoSuchKey\u001b[39m: x"}`).cause).toBe('object-missing')
    expect(diagnoseText('FATAL: Datenbank »registry« existiert nicht').cause).toBe('database-missing')
    expect(diagnoseText('错误码28P01认证失败').cause).toBe('authentication-failed')
  })
})

const SECRETS = [
  'AKIAIOSFODNN7EXAMPLE',
  'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  'eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoic2VydmljZV9yb2xlIn0.c2lnbmF0dXJl',
  'postgres://modelry:hunter2@db.internal:5432/registry',
  'alice.smith@example.com',
  'https://b.s3.amazonaws.com/k?X-Amz-Signature=fe5f80f77d5fa3beca038a248ff027d0',
  'sb_secret_abcdefgh12345678',
]
const CANARIES = [
  'AKIAIOSFODNN7EXAMPLE',
  'bPxRfiCYEXAMPLEKEY',
  'eyJhbGciOiJIUzI1NiJ9',
  'modelry:hunter2',
  'hunter2',
  'alice.smith',
  'fe5f80f77d5fa3be',
  'abcdefgh1234',
]

describe('an answer', () => {
  it.each(SECRETS)('has no secret in it: %s', (secret) => {
    for (const { text, operation } of corpus.filter((_one, index) => index % 5 === 0)) {
      // Into every value that an answer might take over.
      const planted = text
        .replaceAll(/(s3:\/\/[a-z0-9.-]+\/)/g, `$1${secret}/ `)
        .replaceAll(
          /(user|role|database|relation|column|host|Key|Bucket|Resource)( "|: '|>)/g,
          `$1$2${secret} `,
        )
      const shown = JSON.stringify(diagnoseText(`${secret} ${planted}\n${secret}`, { operation }))
      for (const canary of CANARIES) if (secret.includes(canary)) expect(shown).not.toContain(canary)
    }
  })
})

describe('diagnoseText, fed with anything', () => {
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)
  const random = randomFrom(seed)

  it(`never throws and always answers in the same form (SEED=${seed})`, () => {
    const pieces = corpus.map(({ text }) => text)
    for (let round = 0; round < 300; round++) {
      const text = Array.from({ length: 4 }, () => {
        const piece = pieces[Math.floor(random() * pieces.length)] ?? ''
        const cut = Math.floor(random() * piece.length)
        return random() < 0.5
          ? piece.slice(cut)
          : piece.slice(0, cut) + String.fromCharCode(random() * 0xffff)
      }).join(random() < 0.5 ? '\n' : '')
      const { confidence, code, cause, considered } = diagnoseText(text)
      expect(confidence).toBeGreaterThanOrEqual(0)
      expect(confidence).toBeLessThanOrEqual(1)
      expect(code === null).toBe(cause === null)
      expect(considered.length).toBeLessThanOrEqual(5)
    }
  })

  it('takes time in proportion to the text, whatever the text is', () => {
    const hostile = [
      'column ',
      'ECONNREFUSED ',
      'relation "',
      '{"code":"',
      's3://',
      'code: ',
      '((((((((',
      '"path": [',
      '\u001b[',
      '\\u001b[',
      'the ',
      'is not authorized to perform: ',
      'arn:aws:s3:::',
      'http://',
      'a'.repeat(63),
      '..',
      'x@',
      'user "',
      '\n',
      '5432:',
      '503 ',
      'invalid_type ',
      'code: custom ',
      'ENOTFOUND a.',
      'endpoint URL: "https://',
      'password=',
      '[Errno 28] ',
      'lookup ',
      '-----BEGIN PRIVATE KEY-----',
    ]
    for (const piece of hostile) {
      const short = timeOf(piece.repeat(Math.ceil(40_000 / piece.length)))
      const long = timeOf(piece.repeat(Math.ceil(640_000 / piece.length)))
      // Sixteen times as long; a quadratic rule would take 256 times as long.
      expect(long, piece).toBeLessThan(64 * short + 200)
    }
  })
})

/** Milliseconds of the fastest of three readings, so that a pause of the machine does not count. */
function timeOf(text: string): number {
  const times = [0, 1, 2].map(() => {
    const start = performance.now()
    diagnoseText(text)
    return performance.now() - start
  })
  return Math.min(...times)
}

/** mulberry32: the same sequence for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
