/**
 * Whether a version of Node is within a range as package.json's `engines` writes it: alternatives between `||`,
 * each `^22.23` or `>=24`, with one to three numbers. It stands in for semver, which is not installed yet when
 * this question is asked.
 */
export function satisfies(version, range) {
  const actual = numbers(version)
  return range.split('||').some((alternative) => {
    const [, operator, text] = /^\s*(\^|>=)\s*([\d.]+)\s*$/.exec(alternative) ?? []
    if (!operator) throw new Error(`"${alternative.trim()}" in engines.node is neither ^x.y.z nor >=x.y.z.`)
    const floor = numbers(text)
    return compare(actual, floor) >= 0 && (operator === '>=' || actual[0] === floor[0])
  })
}

const numbers = (text) => [0, 1, 2].map((place) => Number.parseInt(text.split('.')[place] ?? '0', 10))

const compare = (a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]
