/**
 * `Content-Digest` and `Repr-Digest` of RFC 9530: a dictionary (RFC 8941) of algorithm names and byte sequences, of
 * which `sha-256` is the one in use here.
 *
 *     Repr-Digest: sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:
 */
export function digestField(sha256: string): string {
  return `sha-256=:${base64OfHex(sha256)}:`
}

/**
 * The sha256 of a digest field in lower-case hexadecimal; undefined when it has none.
 *
 * Algorithms that are not known are ignored (RFC 9530, section 2); where one is named twice, the last one counts
 * (RFC 8941, section 3.2).
 *
 * @returns `'malformed'` when there is a sha-256 that is not a digest.
 */
export function sha256OfDigestField(field: string): string | 'malformed' | undefined {
  let found: string | undefined
  for (const member of field.split(',')) {
    const [, name, value] = /^\s*([a-z*][a-z0-9_.*-]*)\s*=\s*(.*?)\s*$/i.exec(member) ?? []
    if (name?.toLowerCase() === 'sha-256') found = value
  }
  if (found === undefined) return undefined
  const [, base64] = /^:([A-Za-z0-9+/]{43}=):(?:;.*)?$/.exec(found) ?? []
  return base64 === undefined ? 'malformed' : hexOfBase64(base64)
}

function base64OfHex(hex: string): string {
  const bytes = (hex.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16))
  return btoa(String.fromCharCode(...bytes))
}

function hexOfBase64(base64: string): string {
  return [...atob(base64)].map((byte) => byte.charCodeAt(0).toString(16).padStart(2, '0')).join('')
}
