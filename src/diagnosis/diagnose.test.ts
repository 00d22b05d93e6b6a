import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { catalog } from '../errors/catalog.js'
import { errorCodes } from '../errors/entry.js'
import { facts, samples } from '../errors/testing/samples.js'
import { describeError } from './describe-error.js'
import { diagnose } from './diagnose.js'
import { diagnoseText } from './diagnose-text.js'

const folder = mkdtempSync(join(tmpdir(), 'diagnose-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each(errorCodes)('diagnose, given an error with code %s', (code) => {
  it.each(catalog[code].causes.map((cause) => [cause.id, cause] as const))(
    'knows the cause %s from the object, its JSON and its problem document',
    (id, reason) => {
      const error = samples[code]({}, { reason })
      const expected = { code, cause: id }
      expect(diagnose(error)).toMatchObject(expected)
      expect(diagnoseText(JSON.stringify(error))).toMatchObject(expected)
      const { message: detail, name: _, ...rest } = error.toJSON()
      expect(
        diagnoseText(
          JSON.stringify({ type: `https://x.example/errors/${code}`, status: error.status, detail, ...rest }),
        ),
      ).toMatchObject(expected)
    },
  )
})

describe('diagnose', () => {
  it.each([
    ['a connection that is refused', () => fetchRefused(), 'S3_UNAVAILABLE/connection-refused'],
    [
      'a name without an address',
      () => fetch('http://minio.nonexistent.invalid:9000/b'),
      /^S3_UNAVAILABLE\/(?:host-not-found|resolver-unavailable)$/,
    ],
    [
      'a row that breaks the key of versions',
      () => sqlite("insert into trained_models values ('a', '1.0.0')"),
      'DUPLICATE_MODEL/version-exists',
    ],
    [
      'a table that is not there',
      () => sqlite('select * from model_versions'),
      'DATABASE_ERROR/table-missing',
    ],
    ['a file that is no database', () => noDatabase(), 'DATABASE_ERROR/sqlite-not-a-database'],
    [
      'metadata that zod refuses',
      () => z.object({ inputShape: z.array(z.number()) }).parse({ inputShape: '60,5' }),
      'MODEL_VALIDATION_FAILED/invalid-shape',
    ],
  ])('knows %s from the error itself', async (_what, fail, expected) => {
    const { code, cause } = diagnose(await thrown(fail))
    expect(`${code}/${cause}`).toMatch(expected)
  })

  it('knows a file that is missing when it hears what was being done', async () => {
    const error = await thrown(() => readFile(join(folder, 'models/none.bin')))
    expect(diagnose(error, { operation: 'upload' })).toMatchObject({
      code: 'S3_UPLOAD_FAILED',
      cause: 'folder-missing',
    })
  })

  it('looks through wrappers to the root', () => {
    const root = Object.assign(new Error('deadlock detected'), { code: '40P01', severity: 'ERROR' })
    const error = new Error('request failed', { cause: new Error('query failed', { cause: root }) })
    expect(diagnose(error)).toMatchObject({ code: 'DATABASE_ERROR', cause: 'deadlock' })
  })

  it('reads the members of an AggregateError and the answer that an SDK keeps', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:9000'), { code: 'ECONNREFUSED' })
    expect(diagnose(new AggregateError([refused], 'all attempts failed')).cause).toBe('connection-refused')
    const denied = Object.assign(new Error('UnknownError'), {
      name: 'Unknown',
      $fault: 'client',
      $metadata: { httpStatusCode: 403 },
    })
    expect(diagnose(denied, { operation: 'upload' })).toMatchObject({
      code: 'S3_UPLOAD_FAILED',
      cause: 'access-denied',
    })
    const marker = {
      name: 'NoSuchKey',
      $metadata: { httpStatusCode: 404 },
      $response: { headers: { 'x-amz-delete-marker': 'true' } },
    }
    expect(diagnose(Object.assign(new Error('gone'), marker), { operation: 'download' }).cause).toBe(
      'delete-marker',
    )
  })

  it('takes a string as it is', () => {
    expect(diagnose('SlowDown')).toEqual(diagnoseText('SlowDown'))
  })

  it('answers to whatever else is thrown', () => {
    const silent = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new TypeError('not to be listed')
        },
      },
    )
    for (const value of [undefined, null, 0, Symbol('x'), {}, [], () => 1, Object.create(null), silent])
      expect(diagnose(value)).toMatchObject({ code: null, cause: null })
  })
})

describe('describeError', () => {
  it('gives the text that the places of the answer belong to', () => {
    const error = Object.assign(new Error('boom'), { code: 'ENOSPC' })
    const [evidence] = diagnose(error, { operation: 'upload' }).evidence
    expect(describeError(error).slice(evidence?.start, evidence?.end)).toBe('ENOSPC')
  })

  it('ends where a chain does not, and goes round what throws', () => {
    const error: Error & { self?: unknown } = new Error('round')
    error.self = error
    error.cause = {
      get trap() {
        throw new Error('never seen')
      },
      cause: error,
    }
    expect(describeError(error)).toContain('Error: round')
    let deep: unknown = new Error('deepest')
    for (let level = 0; level < 10_000; level++) deep = new Error('level', { cause: deep })
    expect(describeError(deep).length).toBeLessThan(64 * 1024)
    expect(
      describeError(Object.assign(new Error('x'.repeat(1e6)), { list: Array(1e6).fill('y') })).length,
    ).toBeLessThan(64 * 1024)
  })

  it('shows the facts of an error of the registry', () => {
    const text = describeError(samples.S3_UPLOAD_FAILED())
    for (const value of ['S3_UPLOAD_FAILED', facts.modelId, facts.bucket]) expect(text).toContain(value)
  })
})

async function thrown(fail: () => unknown): Promise<unknown> {
  try {
    await fail()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

/** At a port that nobody listens at, since it was just given back. */
async function fetchRefused() {
  const server = createServer()
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const address = server.address()
  await new Promise((closed) => server.close(closed))
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const error = await thrown(() => fetch(`http://127.0.0.1:${port}/models/fx`))
  throw Object.assign(new Error('GetBucketLocation failed', { cause: error }), { $metadata: { attempts: 3 } })
}

function sqlite(sql: string): void {
  const database = new DatabaseSync(':memory:')
  try {
    database.exec(
      "create table trained_models (model_id text, version text, primary key (model_id, version)); insert into trained_models values ('a', '1.0.0')",
    )
    database.exec(sql)
  } finally {
    database.close()
  }
}

function noDatabase(): void {
  const path = join(folder, 'no.db')
  writeFileSync(path, 'this is no database'.repeat(500))
  new DatabaseSync(path).exec('select * from x')
}
