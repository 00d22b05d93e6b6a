/**
 * Numbers with up to two more after dots, a `v` or a word in front, and what follows them: letters, or anything after a
 * hyphen or a plus. A fourth number says nothing that a semantic version could say.
 */
const LOOSE =
  /^(?:v|ver|version|rel|release)?[\s._:-]{0,3}(\d{1,15})(?:\.(\d{1,15}))?(?:\.(\d{1,15}))?(?:[-_. ]{0,2}([a-z][\w.+-]{0,100})|-([\w.+-]{1,100})|\+([\w.-]{1,100}))?$/i

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/

/** The version that a text or number seems to mean, unchecked; undefined where that cannot be told. `v1.2` is `1.2.0`. */
export function meantVersion(value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text !== 'string' || text.length > 256) return undefined
  const trimmed = text.trim()
  const [, major, minor = '0', patch = '0', word, rest = word, build] =
    DATE.exec(trimmed) ?? LOOSE.exec(trimmed) ?? []
  // `1.x` stands for many versions.
  if (major === undefined || rest?.toLowerCase() === 'x') return undefined
  const core = [major, minor, patch].map((number) => BigInt(number)).join('.')
  const [label = '', ...builds] = [...(rest ?? '').split('+'), ...(build === undefined ? [] : [build])]
  return [
    core,
    label === '' ? '' : `-${identifiers(label).map(withoutZeros).join('.')}`,
    builds.length === 0 ? '' : `+${identifiers(builds.join('.')).join('.')}`,
  ].join('')
}

function identifiers(text: string): string[] {
  return text
    .replaceAll('_', '-')
    .split('.')
    .filter((part) => part !== '')
}

const withoutZeros = (part: string) => (/^\d+$/.test(part) ? String(BigInt(part)) : part)
