import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { refuse } from '../domain/refuse.js'
import { isSha256, type Sha256 } from '../domain/sha256.js'
import type { MetadataStore, StoredToken } from '../ports/metadata-store.js'

/** Each scope allows what the ones before it do: `read` < `write` < `deploy` < `admin`. */
export const tokenScopes = ['read', 'write', 'deploy', 'admin'] as const
export type TokenScope = (typeof tokenScopes)[number]

export interface TokenIdentity {
  readonly name: string
  readonly scopes: readonly TokenScope[]
}

/** Tokens for the server: shown once, stored as their hash. */
export interface AccessTokens {
  /** @returns the token itself, which cannot be shown again. @throws ModelValidationError when the name is taken. */
  create(name: string, scopes: readonly TokenScope[]): Promise<string>
  /** Whose token it is, or undefined. */
  identify(token: string): Promise<TokenIdentity | undefined>
  list(): Promise<readonly (TokenIdentity & { readonly createdAt: string })[]>
  /** @returns false when there is none of that name. */
  revoke(name: string): Promise<boolean>
}

/** So that scanners of leaked secrets, and `redact`, know one when they see it. */
const PREFIX = 'mdl_'

export function createAccessTokens(metadata: MetadataStore, now: () => Date): AccessTokens {
  return {
    async create(name, scopes) {
      if (!/^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/.test(name))
        throw refuse(
          'name',
          name,
          'letters, digits, ".", "_", "@" and "-", at most 64 characters',
          'The token',
        )
      if (scopes.length === 0)
        throw refuse('scopes', scopes, `one or more of ${tokenScopes.join(', ')}`, 'The token')
      const token = PREFIX + randomBytes(32).toString('base64url')
      const added = await metadata.addToken({
        name,
        hash: hashOf(token),
        scopes,
        createdAt: now().toISOString(),
      })
      if (!added) throw refuse('name', name, 'a name that no other token has', 'The token')
      return token
    },
    async identify(token) {
      const hash = hashOf(token)
      const stored = await metadata.findToken(hash)
      return stored !== undefined && equal(stored.hash, hash) ? identityOf(stored) : undefined
    },
    async list() {
      return (await metadata.listTokens()).map((token) => ({
        ...identityOf(token),
        createdAt: token.createdAt,
      }))
    },
    revoke: (name) => metadata.removeToken(name),
  }
}

function identityOf({ name, scopes }: StoredToken): TokenIdentity {
  return { name, scopes }
}

function hashOf(token: string): Sha256 {
  const hash = createHash('sha256').update(token).digest('hex')
  if (!isSha256(hash)) throw new TypeError('createHash gave something other than a SHA-256 digest')
  return hash
}

/** In constant time, although the index was asked for the hash already: the hash of a guess says nothing of the token. */
function equal(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
}
