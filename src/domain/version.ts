import type { $brand } from 'zod'
import { ModelValidationError } from '../errors/model-validation-failed/error.js'
import { meantVersion } from './meant-version.js'
import { problemOf } from './refuse.js'

/** A semantic version. Equal versions are equal byte for byte, so `1.0.0+a` and `1.0.0+b` are two. */
export type Version = string & $brand<'Version'>

/** The regular expression that Semantic Versioning 2.0.0 suggests: https://semver.org/#is-there-a-suggested-regular-expression-regex-to-check-a-semver-string */
const SEMVER =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(?:\+([0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?$/

/** A version is part of keys and folder names, which end at 255 bytes. */
const LONGEST = 128

export const VERSION_RULE = `a semantic version such as 1.0.0, 2.1.3-rc.1 or 1.0.0+build.5, at most ${LONGEST} characters`

export function isVersion(text: string): text is Version {
  return text.length <= LONGEST && SEMVER.test(text)
}

/** @throws ModelValidationError */
export function parseVersion(text: unknown): Version {
  if (typeof text === 'string' && isVersion(text)) return text
  const suggested = suggestVersion(text)
  const problem = problemOf('version', text, VERSION_RULE)
  throw new ModelValidationError({
    validationErrors: [suggested === undefined ? problem : { ...problem, suggested }],
  })
}

/** The version that a value which is none seems to mean: `v1.2` is `1.2.0`. undefined where that cannot be told. */
export function suggestVersion(value: unknown): Version | undefined {
  const meant = meantVersion(value)
  return meant !== undefined && isVersion(meant) ? meant : undefined
}

export function isStable(version: Version): boolean {
  return parts(version).prerelease.length === 0
}

/**
 * A key that sorts by SemVer precedence (https://semver.org/#spec-item-11) when compared byte by byte, so that a
 * database can order and page by it. Build metadata is left out, as precedence ignores it.
 *
 * Numbers carry their length in front (`0015` is five, `00210` is ten); `~` after a stable version sorts above any
 * pre-release; `!` between identifiers sorts below every character of one, so that fewer fields come first.
 */
export function sortKey(version: Version): string {
  const { core, prerelease } = parts(version)
  const numbers = core.map(sizedNumber).join('.')
  if (prerelease.length === 0) return `${numbers}~`
  const fields = prerelease.map((field) => (/^\d+$/.test(field) ? `0${sizedNumber(field)}` : `1${field}`))
  return `${numbers}-${fields.join('!')}`
}

/** Negative, zero or positive by SemVer precedence. */
export function compareVersions(a: Version, b: Version): number {
  const [left, right] = [sortKey(a), sortKey(b)]
  return left < right ? -1 : left > right ? 1 : 0
}

/**
 * The version to save next: one minor above the highest, or the next pre-release of it where that is one.
 *
 * @param existing - versions of one model, in any order.
 */
export function nextVersion(existing: readonly Version[]): Version {
  const ordered = [...existing].sort(compareVersions)
  const highest = ordered.at(-1)
  if (highest === undefined) return parseVersion('1.0.0')
  const { core, prerelease } = parts(highest)
  const [major = '0', minor = '0', patch = '0'] = core
  if (prerelease.length === 0) return parseVersion(`${major}.${BigInt(minor) + 1n}.0`)
  const last = prerelease.at(-1) ?? ''
  const next = /^\d+$/.test(last)
    ? [...prerelease.slice(0, -1), `${BigInt(last) + 1n}`]
    : [...prerelease, '1']
  return parseVersion(`${major}.${minor}.${patch}-${next.join('.')}`)
}

function parts(version: Version): { core: string[]; prerelease: string[] } {
  const [, major = '0', minor = '0', patch = '0', prerelease] = SEMVER.exec(version) ?? []
  return { core: [major, minor, patch], prerelease: prerelease === undefined ? [] : prerelease.split('.') }
}

function sizedNumber(digits: string): string {
  return `${String(digits.length).padStart(3, '0')}${digits}`
}
