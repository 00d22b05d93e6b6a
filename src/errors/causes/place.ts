import type { ErrorContext, Step } from '../cause.js'

/** For a POSIX shell: single quotes, in which nothing else is special. Values come from errors and from pasted text. */
export function quote(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) && !text.startsWith('-') ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

/** The bucket, where the failure names it or its address does. */
export function bucketOf(c: ErrorContext): string | undefined {
  if (c.bucket !== undefined) return c.bucket
  return c.s3Path?.startsWith('s3://') ? c.s3Path.slice(5).split('/', 1)[0] || undefined : undefined
}

function keyOf(c: ErrorContext): string | undefined {
  if (c.key !== undefined) return c.key
  const slash = c.s3Path?.indexOf('/', 5) ?? -1
  return c.s3Path?.startsWith('s3://') && slash > 0 ? c.s3Path.slice(slash + 1) || undefined : undefined
}

/** The bucket as it stands in a sentence. */
export function theBucket(c: ErrorContext): string {
  const bucket = bucketOf(c)
  return bucket === undefined ? 'the bucket' : `the bucket ${bucket}`
}

/** The object as it stands in a sentence. */
export function theObject(c: ErrorContext): string {
  if (c.s3Path !== undefined) return c.s3Path
  const [bucket, key] = [bucketOf(c), keyOf(c)]
  if (bucket !== undefined && key !== undefined) return `s3://${bucket}/${key}`
  return key ?? 'the object'
}

/** The host and port that were called, as they stand in a sentence. */
export function theHost(c: ErrorContext, otherwise: string): string {
  if (c.host === undefined) return otherwise
  return c.port === undefined ? c.host : `${c.host}:${c.port}`
}

/** A call of the AWS command line. What is not known is in capitals, for the reader to fill in. */
export function s3api(c: ErrorContext, call: string, ...about: readonly ('bucket' | 'key')[]): string {
  const words = [`aws s3api ${call}`]
  if (about.includes('bucket')) words.push(`--bucket ${quote(bucketOf(c) ?? 'BUCKET')}`)
  if (about.includes('key')) words.push(`--key ${quote(keyOf(c) ?? 'KEY')}`)
  return words.join(' ')
}

/**
 * The steps for the store that the failure names. Where that is not AWS, calls of S3 are for its endpoint, and a step that
 * asks another service of AWS has no command: what it says holds there too.
 */
export function forStore(steps: readonly Step[], { endpoint }: ErrorContext): readonly Step[] {
  if (endpoint === undefined) return steps
  return steps.map((step) => {
    const { text, run = '' } = step
    if (/^aws s3(?!.*--endpoint)/.test(run)) return { text, run: `${run} --endpoint-url ${quote(endpoint)}` }
    return /^(?:aws (?:sts|iam|kms)|curl .*amazon)/.test(run) ? { text } : step
  })
}

/** A name as it may stand in SQL and in the commands of psql; undefined where it is no plain name. */
export function sqlName(name: string | undefined): string | undefined {
  if (name === undefined || !/^[A-Za-z_][\w.$-]{0,127}$/.test(name)) return undefined
  return /^[a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)?$/.test(name) ? name : `"${name}"`
}

/** The table that the failure names, or the table of versions. */
export function tableOf(c: ErrorContext): string {
  return sqlName(c.table) ?? 'trained_models'
}

/** Which server and user a program of Postgres is to use, as far as the failure names them. */
export function pgOptions({ host, port, role }: ErrorContext): string {
  return [
    ['-h', host],
    ['-p', port],
    ['-U', role],
  ]
    .map(([flag, value]) => (value === undefined ? '' : ` ${flag} ${quote(`${value}`)}`))
    .join('')
}

/** A call of psql on the registry's database. */
export function psql(sql: string): string {
  return `psql "$MODELRY_DB" -c ${quote(sql)}`
}
