import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadConfig } from './config.js'

const root = join(import.meta.dirname, '..')

describe('docs/configuration.md', () => {
  it('has every setting, its option and its variable, and none that is not', async () => {
    const page = await readFile(join(root, 'docs/configuration.md'), 'utf8')
    const keys = [...page.matchAll(/^\| `([\w.]+)` \|(?:[^|\n]*\|){4}$/gm)].map(([, key]) => key)
    const { origins } = await loadConfig({ env: {}, cwd: root })
    expect(keys).toEqual(Object.keys(origins))
    const source = await readFile(join(root, 'src/config-sources.ts'), 'utf8')
    const named = /const names[\s\S]*?\n}\n/.exec(source)?.[0] ?? ''
    const names = [...named.matchAll(/'(--\w+|MODELRY_\w+)'/g)].map(([, name]) => name)
    expect(names.length).toBeGreaterThan(15)
    for (const name of names) expect(page).toContain(`\`${name}\``)
    for (const [name] of page.matchAll(/MODELRY_[A-Z_]+/g)) expect(names).toContain(name)
  })

  it('has addresses and options of S3 stores that are taken as they stand', async () => {
    const page = await readFile(join(root, 'docs/configuration.md'), 'utf8')
    const section = page.slice(page.indexOf('## Files in S3'))
    const addresses = [...section.matchAll(/MODELRY_STORE='(.+)'/g)].map(([, address = '']) => address)
    expect(addresses).toHaveLength(2)
    const options = JSON.parse(/```json\n([\s\S]*?)```/.exec(section)?.[1] ?? '')
    for (const store of [...addresses, options.store]) {
      const { config } = await loadConfig({ env: {}, cwd: root, program: { store } })
      expect(config.store).toMatchObject({ is: 's3', bucket: 'ml-models' })
    }
  })

  it('has an example that is taken as it stands', async () => {
    const page = await readFile(join(root, 'docs/configuration.md'), 'utf8')
    const example = JSON.parse(/## Environments[\s\S]*?```json\n([\s\S]*?)```/.exec(page)?.[1] ?? '')
    const { config } = await loadConfig({ env: {}, cwd: root, program: example })
    expect(Object.keys(config.environments)).toEqual(['staging', 'production'])
  })
})
