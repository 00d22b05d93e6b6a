import { describe, expect, it } from 'vitest'
import { errorCodes } from './entry.js'
import { redact, redactValue } from './redact.js'
import { samples } from './testing/samples.js'

const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'
const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoic2VydmljZV9yb2xlIn0.c2lnbmF0dXJlLW9mLWl0'

/** Text with a canary in it, and the canary that must not come through. */
const leaks: readonly (readonly [string, string])[] = [
  [`aws_secret_access_key = ${SECRET}`, SECRET],
  [`AWS_SECRET_ACCESS_KEY=${SECRET} node train.js`, SECRET],
  [`the key ${SECRET} alone`, SECRET],
  [`{"SecretAccessKey":"${SECRET}"}`, SECRET],
  ['"sessionToken": "IQoJb3JpZ2luX2VjEXAMPLE//////////wEaCXVz"', 'IQoJb3JpZ2lu'],
  ['AKIAIOSFODNN7EXAMPLE', 'AKIAIOSFODNN7EXAMPLE'],
  ['Credential=ASIAIOSFODNN7EXAMPLE/20260101/us-east-1/s3', 'ASIAIOSFODNN7EXAMPLE'],
  ['SignedHeaders=host, Signature=fe5f80f77d5fa3beca038a248ff027d0445342fe', 'fe5f80f77d5fa3be'],
  ['https://b.s3.amazonaws.com/k?X-Amz-Expires=60&X-Amz-Signature=fe5f80f77d5f&x=1', 'fe5f80f77d5f'],
  [
    'https://b.s3.amazonaws.com/k?AWSAccessKeyId=abc&Expires=1&Signature=vjbyPxybdZaNmGa%2ByT272YEAiv4%3D',
    'vjbyPxybdZ',
  ],
  ['https://x.blob.core.windows.net/c?sv=2024&sig=Zm9vYmFyYmF6', 'Zm9vYmFyYmF6'],
  ['postgres://modelry:hunter2@db.internal:5432/registry', 'hunter2'],
  ['/home/ada/postgres:/modelry:hunter2@db.internal/registry', 'hunter2'],
  ['postgres:///modelry:hunter2@db.internal/registry', 'hunter2'],
  ['redis://:hunter2@cache:6379/0', 'hunter2'],
  ['host=db user=modelry password=hunter2 dbname=registry', 'hunter2'],
  ["password='two words; and more'", 'two words'],
  ["password='two words; and more'", 'and more'],
  ['PGPASSWORD=hunter2 psql', 'hunter2'],
  [String.raw`{"msg":"{\"password\":\"hunter2\",\"port\":1}"}`, 'hunter2'],
  ['"password": "say \\"hunter2\\" twice"', 'hunter2'],
  [`Authorization: Bearer ${JWT}`, 'eyJhbGciOiJIUzI1NiJ9'],
  [`apikey: ${JWT}`, 'c2lnbmF0dXJl'],
  ['Authorization: Basic dXNlcjpwYXNzd29yZA==', 'dXNlcjpwYXNzd29yZA'],
  ['SUPABASE_SERVICE_ROLE_KEY=sb_secret_abcdefgh12345678', 'abcdefgh1234'],
  ['token mdl_abcdefghijklmnopqrstuvwxyz', 'mdl_abcdefghijklmnop'],
  ['ghp_abcdefghijklmnopqrstuvwxyz0123456789', 'ghp_abcdef'],
  ['hf_abcdefghijklmnopqrstuvwxyz', 'hf_abcdef'],
  ['-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7\n-----END RSA PRIVATE KEY-----', 'MIIEpAIBAAK'],
  ['-----BEGIN PRIVATE KEY-----\nMIIEcutOff', 'MIIEcutOff'],
]

describe('redact', () => {
  it.each(leaks)('takes the secret out of %s', (text, canary) => {
    expect(text).toContain(canary)
    expect(redact(text)).not.toContain(canary)
  })

  it.each([
    'sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 where da39a3ee5e6b4b0d3255bfef95601890afd80709 is expected',
    's3://trading-models/btc-lstm/1.2.0/model.json',
    'password authentication failed for user "modelry"',
    'https://db.internal:5432/path?versionId=3HL4kqtJlcpXroDTDmjVBH40Nrjfkd',
    'Unexpected token: } in JSON',
  ])('leaves %s as it is', (text) => {
    expect(redact(text)).toBe(text)
  })

  it('keeps what stands around a secret', () => {
    expect(redact('{"user":"modelry","password":"hunter2","port":5432}')).toBe(
      '{"user":"modelry","password":"***","port":5432}',
    )
  })

  it('masks a field by its name, whatever its type, and names that are secrets themselves', () => {
    expect(redactValue({ password: 12345, nested: [{ apiKey: ['a'], maxTokens: 5, token: 'x' }] })).toEqual({
      password: '***',
      nested: [{ apiKey: '***', maxTokens: 5, token: '***' }],
    })
    expect(JSON.stringify(redactValue({ AKIAIOSFODNN7EXAMPLE: 1 }))).not.toContain('AKIA')
  })

  it('takes linear time where a text is made to be slow', () => {
    for (const piece of [
      'eyJaaaaa.',
      '-eyJaaaaa',
      'password=',
      'Bearer ',
      'a://b:',
      '-----BEGIN PRIVATE KEY-----',
      'ghp_-',
    ]) {
      expect(redact(piece.repeat(100_000)).length).toBeGreaterThan(0)
    }
  })
})

describe.each(errorCodes)('an error with code %s', (code) => {
  it.each(leaks)('lets no secret out of any field: %s', (text, canary) => {
    const cause = Object.assign(new Error(text, { cause: new Error(text) }), { name: text, code: text })
    const error = samples[code](
      {
        operation: text,
        s3Path: text,
        file: text,
        holder: text,
        problem: text,
        stats: { deep: [text] },
        [text]: 1,
      },
      { cause, requestId: text, leftovers: [{ kind: 'object', at: text }] },
    )
    const shown = [error.message, error.stack, error.getTroubleshootingGuide(), JSON.stringify(error)]
    for (const place of shown) expect(place).not.toContain(canary)
  })
})
