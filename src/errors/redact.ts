const MASK = '***'

/** Query parameters that carry a credential: AWS Signature Version 4 and 2, Google and Azure signed URLs, common tokens. */
const SECRET_PARAMETERS =
  /([?&](?:X-Amz-Signature|X-Amz-Credential|X-Amz-Security-Token|AWSAccessKeyId|Signature|X-Goog-Signature|X-Goog-Credential|sig|token|access_token|apikey|api_key|password)=)[^&\s"'<>]+/gi

/** `scheme://user:password@host`. The user stays, since it tells which role was used. */
const URL_PASSWORD = /\b([a-z][a-z0-9+.-]{1,30}:\/\/[^\s:/@"'<>]{0,256}):[^\s/@"'<>]{1,512}@/gi

const AUTHORIZATION = /\b(Bearer|Basic)\s+[A-Za-z0-9\-._~+/]{6,}=*/gi

/** JSON Web Tokens (RFC 7519): three base64url parts, the first of which starts with `{"`. */
const JWT = /\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}/g

/** AWS access key ids (AKIA long-term, ASIA temporary), tokens of modelry, Supabase secret keys. */
const KNOWN_KEYS = /\b(?:(?:AKIA|ASIA)[A-Z0-9]{16}|mdl_[A-Za-z0-9_-]{16,}|sb_secret_[A-Za-z0-9_-]{8,})\b/g

/** `name = value` and `"name": "value"` for names that say themselves that the value is secret. */
const SECRET_FIELD =
  /((?:secret_?access_?key|aws_?secret|secret_?key|session_?token|service_?role_?key|admin_?token|api_?key|password|passwd|pwd)["']?\s{0,4}[:=]\s{0,4}["']?)[^\s"',;&}]{1,512}/gi

/** Replaces whatever looks like a credential in `text`, so that errors, logs and pages can show the rest. */
export function redact(text: string): string {
  return text
    .replace(SECRET_PARAMETERS, `$1${MASK}`)
    .replace(URL_PASSWORD, `$1:${MASK}@`)
    .replace(AUTHORIZATION, `$1 ${MASK}`)
    .replace(JWT, MASK)
    .replace(KNOWN_KEYS, MASK)
    .replace(SECRET_FIELD, `$1${MASK}`)
}

const SECRET_NAME = /^(?:.*(?:secret|password|passwd|credential|authorization|cookie|api_?key|token))$/i

/** The same for a tree of JSON values; what is not JSON becomes its text. Depth is bounded, since contexts come from users too. */
export function redactValue(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redact(value)
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return value
  if (value === undefined) return undefined
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object') return undefined
  if (depth >= 8) return '…'
  if (Array.isArray(value)) return value.map((item) => redactValue(item, depth + 1))
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Error) return redact(`${value.name}: ${value.message}`)
  const entries = Object.entries(value).map(([name, item]) => [
    name,
    typeof item === 'string' && SECRET_NAME.test(name) ? MASK : redactValue(item, depth + 1),
  ])
  return Object.fromEntries(entries)
}
