/** S3 keys end at 1,024 bytes (Amazon S3 User Guide, "Object key names"); most file systems end a name at 255. */
const LONGEST_NAME = 255

/**
 * Names that Windows keeps for devices, with any extension: Microsoft, "Naming Files, Paths, and Namespaces".
 */
const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:\..*)?$/i

/** Characters that Windows refuses in a name. `/` separates and never gets here; `\` separates there. */
const WINDOWS_CHARACTER = /[<>:"|?*\\]/

/**
 * Characters that read as a dot or a slash without being one, and those that cannot be seen: a name holding one
 * can pass for another name. `\p{Cf}` has the zero-width and the bidirectional marks, `\p{Cs}` lone surrogates.
 */
const LOOK_ALIKE =
  /[\u2024\u2025\u2026\u2044\u2215\u29F8\u29F5\u2216\uFE52\uFE68\uFF0E\uFF0F\uFF3C\uFE55\uFF1A]/u
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u

/** Names of devices, and names that end as Windows lets none end: they cannot be the name of a folder everywhere. */
export function isPortableName(name: string): boolean {
  return !WINDOWS_DEVICE.test(name) && !/[. ]$/.test(name)
}

const encoder = new TextEncoder()

/**
 * What is wrong with one part of a path, or undefined. The same rule serves for the path of a file in a version and
 * for the key of an address, since either may become a name on some disk.
 */
function nameProblem(name: string): string | undefined {
  if (name === '') return 'it has an empty part: two slashes in a row, or one at its start or end'
  if (name === '.' || name === '..') return `it has a relative part ${JSON.stringify(name)}`
  if (UNSEEN.test(name)) return 'it has a control character or another character that cannot be seen'
  if (name.includes('\\')) return 'it has a backslash, which separates folders on some systems'
  if (LOOK_ALIKE.test(name)) return 'it has a character that looks like a dot, a colon or a slash and is none'
  if (WINDOWS_CHARACTER.test(name)) return 'it has one of the characters < > : " | ? *'
  if (WINDOWS_DEVICE.test(name)) return `the name ${JSON.stringify(name)} is kept for a device on Windows`
  if (/[. ]$/.test(name)) return `the name ${JSON.stringify(name)} ends with a dot or a space`
  if (name !== name.normalize('NFC')) return 'it is not in Unicode normalization form C'
  if (encoder.encode(name).length > LONGEST_NAME) return `a part of it is longer than ${LONGEST_NAME} bytes`
  return undefined
}

/** What is wrong with a path of parts between slashes, at most `longest` bytes in all; undefined when nothing is. */
export function relativePathProblem(path: string, longest: number): string | undefined {
  if (path === '') return 'it is empty'
  if (path.startsWith('/')) return 'it is absolute'
  for (const name of path.split('/')) {
    const problem = nameProblem(name)
    if (problem !== undefined) return problem
  }
  return encoder.encode(path).length > longest ? `it is longer than ${longest} bytes` : undefined
}
