import { catalog } from '../errors/catalog.js'
import type { Cause } from '../errors/cause.js'
import { breakerOpen } from '../errors/causes/breaker.js'
import { connectionCauses } from '../errors/causes/groups.js'
import { modelFileCauses } from '../errors/causes/model-files.js'
import { checksumMismatch, invalidRange } from '../errors/causes/objects.js'
import { mfaDelete } from '../errors/causes/s3-objects.js'
import { s3UploadCauses } from '../errors/causes/s3-uploads.js'
import { unknownCause } from '../errors/causes/unknown.js'
import { type ErrorCode, errorCodes } from '../errors/entry.js'
import { type Candidate, sidesOf } from './rank.js'
import type { Reading } from './read/facts.js'
import type { Operation } from './read/operations.js'

/** A call or word this far from the evidence belongs to another failure. */
const NEAR = 4000

const codeOfOperation: Readonly<Record<Operation, ErrorCode>> = {
  upload: 'S3_UPLOAD_FAILED',
  download: 'S3_DOWNLOAD_FAILED',
  delete: 'S3_DELETE_FAILED',
  list: 'S3_ERROR',
  deploy: 'DEPLOYMENT_FAILED',
  metadata: 'DATABASE_ERROR',
}

/** What failed, for a cause that is known: the code that the text names, the operation's own, or the one of the side. */
export function chooseCode(winner: Candidate, reading: Reading, told: Operation | undefined): ErrorCode {
  const { cause } = winner
  const named = reading.registryCodes.find(({ code }) => has(code, cause) || cause === unknownCause)
  if (named !== undefined) return named.code
  const own = exactCode(cause)
  if (own !== undefined && !(told === 'deploy' && has('DEPLOYMENT_FAILED', cause))) return own
  const side = sideOf(winner, reading, told)
  const operation = told ?? operationNear(winner, reading) ?? impliedOperation(winner)
  if (operation === 'deploy' && has('DEPLOYMENT_FAILED', cause)) return 'DEPLOYMENT_FAILED'
  if (side === 'database') return 'DATABASE_ERROR'
  const unreached = connectionCauses.includes(cause)
  if (operation === undefined || operation === 'metadata' || operation === 'deploy' || operation === 'list')
    return unreached ? 'S3_UNAVAILABLE' : 'S3_ERROR'
  return codeOfOperation[operation]
}

const has = (code: ErrorCode, cause: Cause) => catalog[code].causes.includes(cause)

/** The code of a cause that leads to one thing alone, such as a duplicate or an address that is none. */
function exactCode(cause: Cause): ErrorCode | undefined {
  if (cause === breakerOpen) return 'CIRCUIT_BREAKER_OPEN'
  const { store, database } = sidesOf(cause)
  if (
    database ||
    (store && has('S3_ERROR', cause)) ||
    has('S3_UPLOAD_FAILED', cause) ||
    has('S3_DOWNLOAD_FAILED', cause)
  )
    return undefined
  const exact: readonly ErrorCode[] = ['MODEL_NOT_FOUND', 'CONCURRENT_DEPLOYMENT', ...errorCodes]
  return exact.find((code) => has(code, cause))
}

function sideOf(winner: Candidate, { about }: Reading, told: Operation | undefined): 'store' | 'database' {
  const { store, database } = sidesOf(winner.cause)
  if (store !== database) return database ? 'database' : 'store'
  if (told === 'metadata') return 'database'
  if (told === 'upload' || told === 'download' || told === 'delete' || told === 'list') return 'store'
  return about.database > about.store ? 'database' : 'store'
}

/** Calls of S3 before words, and the nearest first. */
function operationNear(winner: Candidate, { operations, text }: Reading): Operation | undefined {
  const near = operations.filter(({ start }) => Math.abs(start - winner.at) <= NEAR)
  const calls = near.filter(({ call }) => call !== undefined)
  const [nearest] = (calls.length > 0 ? calls : near).toSorted(
    (a, b) => Math.abs(a.start - winner.at) - Math.abs(b.start - winner.at),
  )
  return nearest?.operation ?? requestNear(winner, text) ?? nameNear(winner, text)
}

const operationOfMethod: Readonly<Record<string, Operation>> = {
  get: 'download',
  head: 'download',
  put: 'upload',
  post: 'upload',
  delete: 'delete',
}

/** The request itself: `PUT /bucket/key`, `Get "https://…"`. */
function requestNear({ at }: Candidate, text: string): Operation | undefined {
  const near = text.slice(Math.max(0, at - NEAR / 2), at + NEAR / 2)
  const [, method = '', path = '', query = ''] =
    /(?:^|[\s>"'])(GET|HEAD|PUT|POST|DELETE|Get|Head|Put|Post|Delete) "?(?:https?:\/\/[^\s/?"]{1,253})?(\/[^\s?"]{0,1024})(\?[^\s"]{0,64})?/.exec(
      near,
    ) ?? []
  // Without a key it is the bucket, or the store, that is asked.
  if (query.includes('list-type') || /^\/[^/]*\/?$/.test(path)) return 'list'
  return operationOfMethod[method.toLowerCase()]
}

/** What the functions of a stack or the words of a sentence are called. */
function nameNear({ at }: Candidate, text: string): Operation | undefined {
  const near = text.slice(Math.max(0, at - NEAR / 2), at + NEAR / 2)
  const name =
    /\b\w{0,32}?(upload|download)\w{0,32}\b/i.exec(near)?.[1] ??
    /\bat (?:async )?[\w.]{0,64}?(delete)\w{0,32} ?\(/i.exec(near)?.[1]
  switch (name?.toLowerCase()) {
    case 'upload':
      return 'upload'
    case 'download':
      return 'download'
    default:
      return name === undefined ? undefined : 'delete'
  }
}

/** Some causes can be met by one operation alone. */
function impliedOperation({ cause, proofs }: Candidate): Operation | undefined {
  const includes = (causes: readonly Cause[]) => causes.includes(cause)
  if (includes(s3UploadCauses)) return 'upload'
  if (cause === mfaDelete) return 'delete'
  if (includes(modelFileCauses) || cause === invalidRange) return 'download'
  if (cause !== checksumMismatch) return undefined
  const keys = proofs.flatMap(({ facts }) => facts.map(({ key }) => key))
  return keys.some((key) => /^sdk:(?:BadDigest|InvalidDigest|XAmz)/.test(key)) ? 'upload' : 'download'
}
