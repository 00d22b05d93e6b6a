import { ALIAS_RULE, type Alias, isAlias, LATEST } from './alias.js'
import { refuse } from './refuse.js'
import { isVersion, VERSION_RULE, type Version } from './version.js'

/** How a version is named in a call: by itself, by an alias, or as the highest stable one. */
export type VersionRef =
  | { readonly is: 'version'; readonly version: Version }
  | { readonly is: 'alias'; readonly alias: Alias }
  | { readonly is: 'latest' }

/** @throws ModelValidationError */
export function parseVersionRef(text: unknown): VersionRef {
  if (text === LATEST) return { is: 'latest' }
  if (typeof text === 'string' && isVersion(text)) return { is: 'version', version: text }
  if (typeof text === 'string' && isAlias(text)) return { is: 'alias', alias: text }
  throw refuse('version', text, `${VERSION_RULE}; or "${LATEST}"; or an alias: ${ALIAS_RULE}`)
}
