import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { catalog } from '../errors/catalog.js'
import { unknownCause } from '../errors/causes/unknown.js'
import { errorCodes } from '../errors/entry.js'
import { type Cli, openFolder } from './cli.testing.js'
import { manualCommands, manualFiles, refusalOf } from './manual-commands.testing.js'

const commands = manualCommands()
const textOf = (path: string) => readFileSync(path, 'utf8')

describe('the commands of the manual, the runbooks and the steps of the catalog', () => {
  it('are found', () => {
    expect(commands.length).toBeGreaterThan(150)
    expect(new Set(commands.map(({ from }) => from)).size).toBeGreaterThan(40)
  })

  it('exist with these arguments and options', async () => {
    const refused: string[] = []
    for (const command of commands) {
      const refusal = await refusalOf(command)
      if (refusal !== undefined) refused.push(`${command.from}: ${command.line}: ${refusal}`)
    }
    expect(refused).toEqual([])
  })

  it.each([
    'modelry verfy MODEL@VERSION',
    'modelry deploy MODEL@VERSION --envv x',
    'modelry active A B',
    'modelry list --limit many',
  ])('would not pass as %s', async (line) =>
    expect(await refusalOf({ words: line.split(' ').slice(1), mentioned: false })).toBeDefined(),
  )
})

describe('the commands that only read', () => {
  const READS = [
    'active',
    'config',
    'deployments',
    'diagnose',
    'errors',
    'explain',
    'get',
    'history',
    'list',
    'scan',
    'token list',
    'verify',
    'versions',
  ]
  const reads = (words: readonly string[]) =>
    READS.some((name) => `${words.join(' ')} `.startsWith(`${name} `))
  /** One of each kind in a runbook, with what a reader fills in. */
  const lines = new Set(
    commands
      .filter(({ from, mentioned, words }) => from.startsWith('docs/runbooks/') && !mentioned && reads(words))
      .map(({ words }) => words.map(filledIn).join(' ')),
  )
  let cli: Cli & AsyncDisposable

  beforeAll(async () => {
    cli = await openFolder()
    await cli.save('btc-lstm@1.0.0')
    await cli.ok('deploy btc-lstm@1.0.0 --env production')
    for (const name of ['train', 'server', 'deploy', 'delete'])
      await cli.write(`${name}.log`, 'SlowDown: Please reduce your request rate.')
  })
  afterAll(() => cli[Symbol.asyncDispose]())

  it.each([...lines])('work on a real registry: %s', async (line) => {
    const { code, stderr } = await cli(line)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  function filledIn(word: string): string {
    return word
      .replace('MODEL', 'btc-lstm')
      .replace('VERSION', '1.0.0')
      .replace('ENVIRONMENT', 'production')
      .replace(/\/CAUSE$/, '/unknown')
  }
})

describe.each(errorCodes)('the runbook of %s', (code) => {
  const { runbook, causes } = catalog[code]
  const text = textOf(join(import.meta.dirname, `../../docs/runbooks/${runbook}.md`))

  it('has the sections of every runbook', () => {
    expect([...text.matchAll(/^## (.*)$/gm)].map(([, name]) => name)).toEqual([
      'Meaning',
      'Impact',
      'Diagnosis',
      'Resolution',
      'Prevention',
    ])
    expect(text).toMatch(/^# [A-Z0-9_]+: .+\n/)
    // Whoever is woken by it wants to know these two first.
    expect(text).toMatch(/[Nn]o data is lost|Data (?:may be|is not) lost|[Ww]ake (?:nobody|who)/)
    expect(/## Diagnosis\n([\s\S]*?)\n## /.exec(text)?.[1]).toContain('```sh')
  })

  it('mentions every cause of its code', () => {
    const missing = causes.filter(({ id }) => !text.includes(`../errors/${code}.md#${id})`))
    expect(missing.map(({ id }) => id)).toEqual([])
  })
})

describe('what the manual says of errors', () => {
  it('is in the catalog: every code, every cause', () => {
    const wrong: string[] = []
    for (const path of manualFiles())
      for (const [whole, code = '', cause] of textOf(path).matchAll(
        /\b([A-Z][A-Z0-9_]{4,})(?:\.md#|\/)([a-z][a-z-]+)\b/g,
      )) {
        const entry = Object.values(catalog).find((each) => each.code === code)
        if (entry === undefined) continue
        const known = [...entry.causes, unknownCause].some(({ id }) => id === cause)
        if (!known) wrong.push(`${basename(path)}: ${whole}`)
      }
    expect(wrong).toEqual([])
  })

  it('is linked to pages that are there', () => {
    for (const path of manualFiles())
      for (const [, link = ''] of textOf(path).matchAll(/\]\((?!https?:|#)([^)#]+)/g))
        expect(() => textOf(join(path, '..', link)), `${basename(path)} links to ${link}`).not.toThrow()
  })
})
