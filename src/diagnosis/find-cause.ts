import type { Cause, Evidence } from '../errors/cause.js'
import { isNarrower } from './narrower.js'
import { says } from './wording.js'

/**
 * The first of `candidates` that the error proves, or one in its chain of causes does; a narrower one before a broader.
 * Codes and statuses decide; the wording of a message only chooses among causes that share a code.
 */
export function findCause(error: unknown, candidates: readonly Cause[]): Cause | undefined {
  for (const link of chain(error)) {
    const proven = candidates.filter(({ evidence }) => proves(link, evidence))
    const [cause] = proven.filter((one) => !proven.some((other) => isNarrower(other, one)))
    if (cause !== undefined) return cause
  }
  return undefined
}

/** The error, what caused it, and what caused that; members of an AggregateError count as causes. At most 16 links. */
export function* chain(error: unknown): Generator<object> {
  const queue: unknown[] = [error]
  const seen = new Set<unknown>()
  while (queue.length > 0 && seen.size < 16) {
    const link = queue.shift()
    if (typeof link !== 'object' || link === null || seen.has(link)) continue
    seen.add(link)
    yield link
    if ('cause' in link) queue.push(link.cause)
    if ('errors' in link && Array.isArray(link.errors)) queue.push(...link.errors)
  }
}

function proves(link: object, evidence: Evidence): boolean {
  switch (evidence.is) {
    case 'errno':
    case 'pgrst':
      return 'code' in link && evidence.codes.some((code) => code === link.code)
    case 'sqlite':
      return 'errcode' in link && evidence.codes.some((code) => matchesResultCode(link.errcode, code))
    case 'sqlstate':
      return (
        'code' in link &&
        typeof link.code === 'string' &&
        /^[0-9A-Z]{5}$/.test(link.code) &&
        evidence.codes.some(
          (code) => link.code === code || (code.length === 2 && String(link.code).startsWith(code)),
        )
      )
    case 'sdk':
      return evidence.codes.some(
        (code) => ('name' in link && link.name === code) || ('Code' in link && link.Code === code),
      )
    case 'status':
      return (
        statusOf(link) === evidence.status &&
        !('name' in link && evidence.not.some((name) => name === link.name))
      )
    case 'any-of':
      return evidence.of.some((alternative) => proves(link, alternative))
    case 'all-of':
      return (
        evidence.of.some((part) => proves(link, part)) &&
        evidence.of.every((part) => proves(link, part) || saysSo(link, part))
      )
    case 'operation':
    case 'wording':
    case 'registry':
      return false
  }
}

/** A message may say which of the causes of one code it is; alone it proves nothing. */
function saysSo(link: object, evidence: Evidence): boolean {
  if (evidence.is === 'any-of') return evidence.of.some((part) => saysSo(link, part))
  if (evidence.is !== 'wording' || !('message' in link) || typeof link.message !== 'string') return false
  const message = link.message.slice(0, 4096)
  return Object.values(evidence.phrases).some((phrases) => phrases.some((phrase) => says(message, phrase)))
}

/** An extended result code holds the primary one in its low eight bits: https://www.sqlite.org/rescode.html */
function matchesResultCode(found: unknown, wanted: number): boolean {
  return typeof found === 'number' && (found === wanted || (wanted < 256 && (found & 0xff) === wanted))
}

function statusOf(link: object): number | undefined {
  if ('$metadata' in link && typeof link.$metadata === 'object' && link.$metadata !== null) {
    const status = 'httpStatusCode' in link.$metadata ? link.$metadata.httpStatusCode : undefined
    if (typeof status === 'number') return status
  }
  return 'status' in link && typeof link.status === 'number' ? link.status : undefined
}
