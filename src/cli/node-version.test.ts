import { readFile } from 'node:fs/promises'
import { satisfies } from 'semver'
import { describe, expect, it } from 'vitest'
import { nodeRefusal } from './node-version.js'

const { engines } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'))

describe('the version of Node', () => {
  it.each(['18.20.0', '20.20.2', '22.22.9', '22.23.0', '22.30.1', '23.11.0', '24.0.0', '24.21.0', '26.1.0'])(
    '%s is refused exactly where engines in package.json leaves it out',
    (version) => {
      expect(nodeRefusal(version) === undefined).toBe(satisfies(version, engines.node))
    },
  )

  it('is refused in one line that says what runs and what to do', () => {
    expect(nodeRefusal('20.20.2')).toMatch(
      /^modelry needs Node 22\.23, 24 or newer; this is 20\.20\.2\. Install Node 24 .*$/,
    )
  })
})
