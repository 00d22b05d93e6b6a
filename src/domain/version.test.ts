import semver from 'semver'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../test/support/seed.js'
import { ModelValidationError } from '../errors/model-validation-failed/error.js'
import { compareVersions, isStable, isVersion, nextVersion, parseVersion } from './version.js'

/** Strings in the neighbourhood of semantic versions, most of them valid. */
function* samples(count: number): Generator<string> {
  const random = seededRandom('versions')
  const pick = <T>(items: readonly T[]): T => {
    const item = items[random.below(items.length)]
    if (item === undefined) throw new RangeError('nothing to pick from')
    return item
  }
  const number = () => pick(['0', '1', '2', '9', '10', '11', '99', '100', '123456789012345', '01', ''])
  const field = () => pick(['alpha', 'beta', 'rc', '0', '1', '2', '10', 'a-b', '-', 'x1', '01', '1a', ''])
  for (let n = 0; n < count; n++) {
    const core = `${number()}.${number()}.${number()}`
    const prerelease = random.below(2)
      ? `-${Array.from({ length: 1 + random.below(3) }, field).join('.')}`
      : ''
    const build = random.below(4) === 0 ? `+${field()}.${field()}` : ''
    yield core + prerelease + build
  }
}

describe('Version', () => {
  it('accepts what the semver library accepts, and nothing else', () => {
    for (const text of samples(5000)) expect(isVersion(text), text).toBe(semver.parse(text)?.raw === text)
  })

  it('orders by SemVer precedence, as the semver library does', () => {
    const versions = [...samples(600)].filter(isVersion)
    for (let n = 0; n < 20_000; n++) {
      const a = versions[(n * 7919) % versions.length]
      const b = versions[(n * 104_729 + 13) % versions.length]
      if (a === undefined || b === undefined) continue
      expect(Math.sign(compareVersions(a, b)), `${a} against ${b}`).toBe(semver.compare(a, b))
    }
  })

  it.each([
    'v1.0.0',
    '1.0',
    '1.0.0 ',
    ' 1.0.0',
    '=1.0.0',
    '1.0.0\n',
    '1.0.0-',
    '1.0.0+',
    '01.0.0',
    `1.0.0-${'a'.repeat(200)}`,
  ])('refuses %j', (text) => {
    expect(() => parseVersion(text)).toThrow(ModelValidationError)
  })

  it('calls a version without pre-release stable, with build metadata or not', () => {
    expect(isStable(parseVersion('1.0.0+build.5'))).toBe(true)
    expect(isStable(parseVersion('1.0.0-rc.1'))).toBe(false)
  })

  it.each([
    [[], '1.0.0'],
    [['1.0.0'], '1.1.0'],
    [['1.0.0', '1.10.3', '1.9.0'], '1.11.0'],
    [['2.0.0-rc.1'], '2.0.0-rc.2'],
    [['2.0.0-beta'], '2.0.0-beta.1'],
    [['1.0.0+build'], '1.1.0'],
  ])('follows %j with %s', (existing, next) => {
    expect(nextVersion(existing.map(parseVersion))).toBe(next)
  })
})
