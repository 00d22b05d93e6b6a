import type { Standing } from './facts.js'
import type { Meaning } from './vocabulary.js'

/** What a code proves where nothing else is known; `common` are those that many programs use. */
export function codeWeight(meaning: Extract<Meaning, { is: 'code' }>, standing: Standing): number {
  const structured = standing === 'field' || standing === 'head'
  switch (meaning.key.slice(0, meaning.key.indexOf(':'))) {
    case 'pgrst':
      return 0.95
    case 'sqlite':
      return 0.9
    case 'sqlstate':
      if (meaning.common && /^\d/.test(meaning.spelling))
        return standing === 'field' ? 0.9 : standing === 'bracketed' ? 0.6 : 0
      if (meaning.common) return 0.25
      return structured ? 0.92 : 0.6
    case 'errno':
      if (meaning.common) return structured ? 0.3 : 0.25
      return structured ? 0.6 : 0.55
    default:
      if (meaning.common) return standing === 'field' ? 0.5 : standing === 'head' ? 0.45 : 0.25
      return structured ? 0.92 : 0.75
  }
}

/** Phrases of several words say more than short ones, which people also write of other things. */
export function wordingWeight(phrase: string): number {
  if (commonPhrases.has(phrase)) return 0.3
  if (usualPhrases.has(phrase)) return 0.52
  const letters = phrase.length
  const words = phrase.split(/[\s…]+/).length
  if (words >= 4 || letters >= 26) return 0.75
  if (words >= 3 || letters >= 18) return 0.65
  return letters >= 12 ? 0.5 : 0.3
}

/** Said by every client of a network: enough where nothing speaks for another program. */
const usualPhrases: ReadonlySet<string> = new Set([
  'connection refused',
  'fetch failed',
  'socket hang up',
  'no such host',
])

/** Said by the operating system and by programs of every kind. */
const commonPhrases: ReadonlySet<string> = new Set([
  ...[
    'permission denied',
    'operation not permitted',
    'no such file or directory',
    'is a directory',
    'not a directory',
  ],
  ...[
    'access denied',
    'object not found',
    'unexpected end of json input',
    'in json at position',
    'is not valid json',
  ],
  ...['unterminated string in json', 'jsondecodeerror', 'input/output error', 'i/o error', 'file too large'],
  ...[
    'the specified key does not exist.',
    'slow down',
    'too many requests',
    'rate exceeded',
    'token is expired',
  ],
  ...[
    'connection timed out',
    'operation timed out',
    'request timed out',
    'timeout expired',
    'read timed out',
  ],
  ...['failed to fetch', 'network request failed', 'networkerror when attempting to fetch'],
  ...[
    'request aborted',
    'this operation was aborted',
    'the user aborted a request',
    'broken pipe',
    'unexpected eof',
  ],
  ...[
    'i/o timeout',
    'context deadline exceeded',
    'aborted due to timeout',
    'timeout of…exceeded',
    'failed to resolve',
  ],
  ...[
    'expected property name or',
    'expected…after property value in json',
    'expected…after array element in json',
  ],
  ...['unexpected non-whitespace character after json', 'invalid url', 'internal error', 'wrong password'],
  ...[
    'tls handshake',
    'handshake failure',
    'unsupported protocol',
    'certificate expired',
    'certificate has expired',
  ],
  ...[
    'certificate verify failed',
    'certificate_verify_failed',
    'self signed certificate',
    'self-signed certificate',
  ],
  ...[
    'unable to get local issuer certificate',
    'hostname mismatch',
    'unknown host',
    'host is down',
    'failed to connect to',
  ],
  ...[
    'cannot find the path specified',
    'cannot find the file specified',
    'disk is full',
    'invalid token',
    'invalid jwt',
  ],
  ...[
    'length required',
    'payload too large',
    'request entity too large',
    'request timed out',
    'unknown model',
  ],
  ...[
    'model not found',
    'model…not found in database',
    'invalid environment',
    'unknown environment',
    'lock timeout',
  ],
  ...[
    'deployment in progress',
    'rate exceeded',
    'query timed out',
    'statement timeout',
    'legal hold',
    'mfa delete',
  ],
  ...['environment…does not exist', 'environment…is not configured', 'lease expired', 'lease has expired'],
  ...[
    'missing required field',
    'missing required fields',
    'missing required property',
    'required field…missing',
  ],
  ...['must have required property', 'constraint failed', 'does not match a region', 'policy violation'],
  ...['circuit is open', 'circuit opened', 'checksum mismatch', 'digest mismatch', 'integrity check failed'],
  ...['function…does not exist', 'column…does not exist', 'internal error in postgres', 'schema cache'],
  ...['access permission denied', 'invalid ip', 'bad gateway', 'unsupported header', 'no such function'],
  ...[
    'notafter:',
    'signature',
    'decode',
    'x-amz-mfa',
    'safetensors',
    'lookup…i/o timeout',
    'char…is not expected',
  ],
  ...[
    'unexpected closing tag',
    'weight manifest',
    'pending migrations',
    'insufficient storage',
    'invalid wire type',
  ],
])
