export const MASK = '***'

/** Query parameters that carry a credential: AWS Signature Version 4 and 2, Google and Azure signed URLs, common tokens. */
const SECRET_PARAMETERS =
  /([?&;](?:X-Amz-Signature|X-Amz-Credential|X-Amz-Security-Token|AWSAccessKeyId|Signature|X-Goog-Signature|X-Goog-Credential|sig|token|access_token|refresh_token|apikey|api_key|client_secret|password|pwd)=)[^&\s"'<>\\]+/gi

/**
 * `scheme://user:password@host`. The user stays, since it tells which role was used. One slash is what is left of two
 * where the address was taken for a path, and three is what people write for an empty host.
 */
const URL_PASSWORD = /\b([a-z][a-z0-9+.-]{1,30}:\/{1,3}[^\s:/@"'<>]{0,256}):[^\s/@"'<>]{1,512}@/gi

const AUTHORIZATION = /\b(Bearer|Basic)\s{1,4}[A-Za-z0-9\-._~+/]{6,}=*/gi

/** The last part of an Authorization header of AWS Signature Version 4. */
const REQUEST_SIGNATURE = /\b(Signature=)[0-9a-f]{16,}/gi

/** JSON Web Tokens (RFC 7519): three base64url parts, the first of which starts with `{"`. */
const JWT = /(?<![\w.-])eyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]{5,}/g

/** Keys that say themselves what they are: AWS access key ids, modelry, Supabase, GitHub, Hugging Face, Slack, Google, Stripe and OpenAI. */
const KNOWN_KEYS =
  /(?<![\w-])(?:(?:AKIA|ASIA)[A-Z0-9]{16}|mdl_[\w-]{16,}|sb_secret_[\w-]{8,}|sbp_[\w-]{16,}|gh[pousr]_\w{20,}|github_pat_\w{20,}|hf_\w{16,}|xox[abprs]-[\w-]{10,}|AIza[\w-]{30,}|[rs]k[_-](?:live|test|proj|ant|or)[\w-]{16,})/g

/** An AWS secret access key: 40 characters of base64, told from a hexadecimal digest by its mixture. */
const AWS_SECRET =
  /(?<![A-Za-z0-9/+=])(?=[^\s]{0,39}[A-Z])(?=[^\s]{0,39}[a-z])(?=[^\s]{0,39}[0-9])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/g

const PRIVATE_KEY =
  /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g

/** `name = value`, `"name": "value"` and `<name>value<`, for names that say themselves that the value is secret. */
const SECRET_FIELD =
  /(?:secret_?access_?key|aws_?secret\w{0,20}|secret_?key|client_?secret|session_?token|security_?token|service_?role_?key|admin_?token|access_?token|refresh_?token|auth_?token|id_?token|modelry_?token|api_?key|anon_?key|private_?key|passphrase|password|passwd|pwd|x-api-key|cookie)\\?["']?\s{0,4}[:=>]\s{0,4}/gi

/** Replaces whatever looks like a credential in `text`, so that errors, logs and pages can show the rest. */
export function redact(text: string): string {
  return maskFields(text)
    .replace(PRIVATE_KEY, MASK)
    .replace(SECRET_PARAMETERS, `$1${MASK}`)
    .replace(URL_PASSWORD, `$1:${MASK}@`)
    .replace(AUTHORIZATION, `$1 ${MASK}`)
    .replace(REQUEST_SIGNATURE, `$1${MASK}`)
    .replace(JWT, MASK)
    .replace(KNOWN_KEYS, MASK)
    .replace(AWS_SECRET, MASK)
}

/** A value in quotes ends at its closing quote, another at the next delimiter. */
function maskFields(text: string): string {
  let masked = ''
  let kept = 0
  SECRET_FIELD.lastIndex = 0
  for (let name = SECRET_FIELD.exec(text); name !== null; name = SECRET_FIELD.exec(text)) {
    const { start, end } = valueAt(text, SECRET_FIELD.lastIndex)
    if (end > start) {
      masked += text.slice(kept, start) + MASK
      kept = end
      SECRET_FIELD.lastIndex = end
    }
  }
  return kept === 0 ? text : masked + text.slice(kept)
}

function valueAt(text: string, from: number): { start: number; end: number } {
  const escaped = text.startsWith('\\"', from)
  const quote = escaped ? '\\"' : text.charAt(from)
  if (quote !== '"' && quote !== "'" && !escaped) {
    let end = from
    while (end < text.length && !/[\s"',;&}<\\]/.test(text.charAt(end))) end++
    return { start: from, end }
  }
  const start = from + quote.length
  let end = start
  while (end < text.length && text[end] !== '\n' && !text.startsWith(quote, end)) {
    end += !escaped && text[end] === '\\' ? 2 : 1
  }
  return { start, end: Math.min(end, text.length) }
}

const SECRET_NAME =
  /^(?:.*(?:secret|password|passwd|passphrase|credentials?|authorization|cookie|api_?-?key|private_?key|role_?key|access_?key|[a-z]token|_token|-token|Token)|token|pwd)$/i

/** The same for a tree of JSON values; what is not JSON becomes its text. Depth is bounded, since contexts come from users too. */
export function redactValue(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redact(value)
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return value
  if (value === undefined) return undefined
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object') return undefined
  if (depth >= 8) return '…'
  if (Array.isArray(value)) return value.map((item) => redactValue(item, depth + 1))
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString()
  if (value instanceof Error) return redact(`${value.name}: ${value.message}`)
  const entries = Object.entries(value).map(([name, item]) => [
    redact(name),
    SECRET_NAME.test(name) && item !== null && item !== undefined && typeof item !== 'boolean'
      ? MASK
      : redactValue(item, depth + 1),
  ])
  return Object.fromEntries(entries)
}
