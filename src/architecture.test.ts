import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, posix } from 'node:path'
import { describe, expect, it } from 'vitest'

import { type Import, readImports } from './read-imports.testing.js'

/**
 * What each part of src may import, besides itself. docs/ARCHITECTURE.md gives the reasons.
 * A part is a folder of src, a file at its top, or one of three kinds of file with rules of their own: the fixes of
 * errors, the files of registry/ that say what a registry is without doing it, and the settings of an S3 store.
 */
const MAY_IMPORT: Record<string, readonly string[]> = {
  errors: [],
  fixes: ['errors', 'ports', 'domain'],
  domain: ['errors'],
  ports: ['domain', 'errors'],
  wire: ['domain', 'errors'],
  diagnosis: ['domain', 'errors'],
  sources: ['diagnosis', 'domain', 'errors'],
  'Registry interface': ['sources', 'domain', 'errors'],
  registry: ['Registry interface', 'ports', 'sources', 'diagnosis', 'domain', 'errors'],
  adapters: ['package-version.ts', 'S3 settings', 'ports', 'diagnosis', 'domain', 'errors'],
  'S3 settings': ['adapters', 'domain', 'errors'],
  recovery: ['fixes', 'ports', 'diagnosis', 'domain', 'errors'],
  client: ['Registry interface', 'wire', 'sources', 'domain', 'errors'],
  tfjs: ['Registry interface', 'sources', 'domain', 'errors'],
  logger: ['errors'],
  s3: ['adapters', 'ports', 'domain', 'errors'],
  server: [
    ...['package-version.ts', 'registry', 'Registry interface', 'recovery', 'wire'],
    ...['sources', 'diagnosis', 'domain', 'errors'],
  ],
  cli: [
    ...['compose.ts', 'config.ts', 'package-version.ts', 'server', 'client', 'tfjs'],
    ...['registry', 'Registry interface', 'recovery', 'sources', 'diagnosis', 'domain', 'errors'],
  ],
  'config.ts': ['S3 settings', 'domain', 'errors'],
  'package-version.ts': [],
  'compose.ts': [
    ...['adapters', 'config.ts', 'server', 'client'],
    ...[
      'registry',
      'Registry interface',
      'recovery',
      'fixes',
      'ports',
      'sources',
      'diagnosis',
      'domain',
      'errors',
    ],
  ],
  'index.ts': [
    ...['compose.ts', 'config.ts', 'client'],
    ...['registry', 'Registry interface', 'recovery', 'ports', 'sources', 'diagnosis', 'domain', 'errors'],
  ],
}

/** What a person may set of a store in S3 or a database in Postgres, and how it is written: no more than text and types. */
const S3_SETTINGS = [
  'adapters/artifacts/s3/address.ts',
  'adapters/artifacts/s3/options.ts',
  'adapters/metadata/migration-mode.ts',
  'adapters/metadata/postgres-address.ts',
]
const REGISTRY_INTERFACE = ['registry/registry.ts', 'registry/registry-events.ts']

/** Tests reach for the ports and the drivers that meet them; where all of it works together, for the whole engine. */
const TESTS_MAY_IMPORT = ['ports', 'adapters', 'S3 settings']
const TESTS_OF_THE_WHOLE = ['compose.ts', 'config.ts', 'registry', 'Registry interface', 'sources']
const WHOLE = ['registry', 'recovery']
const WAYS_IN = ['client', 'tfjs', 'server', 'cli', 'config.ts', 'compose.ts', 'index.ts']

/** The packages of each part. One that is not named here is a decision to be made, not an oversight to be fixed. */
const PACKAGES: Record<string, readonly string[]> = {
  wire: ['zod'],
  domain: ['zod'],
  registry: ['zod'],
  adapters: [
    ...['kysely', 'cockatiel', 'pg', 'pg-cursor'],
    ...['@supabase/supabase-js', 'zod'], // zod reads what comes over HTTP
    ...['@aws-sdk/client-s3', '@aws-sdk/credential-providers', '@aws-sdk/s3-request-presigner'],
  ],
  logger: ['pino'],
  client: ['@noble/hashes', 'zod'], // SHA-256 over a stream: Web Crypto hashes only what is in memory whole
  server: ['fastify', '@fastify/swagger', 'fastify-type-provider-zod', 'marked', 'zod', 'pino'],
  cli: ['commander', 'cli-progress', '@tensorflow/tfjs', 'marked', 'zod'],
  'config.ts': ['zod'],
}

/** Optional or heavy: loaded when the driver is opened or the command runs, never with the file. */
const LOADED_LATE = /^(pg|pg-cursor|@supabase\/.*|@aws-sdk\/.*|@clack\/prompts|@tensorflow\/.*)$/

/** Parts that a browser loads, and the files in them that may name a module of Node, each for a reason. */
const BROWSER_SAFE = ['errors', 'domain', 'wire', 'diagnosis', 'client']
const MAY_USE_NODE = ['domain/node-builtin.ts'] // types alone; it asks Node for them where there is one

/** The files from which nothing that is loaded with them may lead to Node. */
const BROWSER_ENTRIES = ['client/index.ts', 'errors/index.ts', 'diagnosis/index.ts']

/** The union of all error classes: a type alone, to which their base class narrows, so each needs the other. */
const MAY_CLOSE_A_CIRCLE = ['errors/any-error.ts']

const MAX_LINES = 400
const EMPTY_NAME = /^(utils?|helpers?|common)(\.|$)/i

const src = dirname(import.meta.filename)

type Sources = ReadonlyMap<string, string>

/** Whether a file is for tests alone; the build leaves the same ones out. */
const isTest = (file: string) => /\.(test|contract|testing)\.ts$|(^|\/)testing\//.test(file)

function partOf(file: string): string {
  const [folder = '', ...rest] = file.split('/')
  if (rest.length === 0) return /^config(-[a-z]+)*\.ts$/.test(file) ? 'config.ts' : file
  if (folder === 'errors' && basename(file) === 'fix.ts') return 'fixes'
  if (REGISTRY_INTERFACE.includes(file)) return 'Registry interface'
  if (S3_SETTINGS.includes(file)) return 'S3 settings'
  return folder
}

const isRelative = (name: string) => name.startsWith('.')

/** The file of src that a relative import means; undefined where it leaves src. */
function targetOf(file: string, { from }: Import): string | undefined {
  const path = posix.join(posix.dirname(file), from)
  return path.startsWith('../') ? undefined : path.replace(/\.js$/, '.ts')
}

function packageOf(name: string): string {
  return name.split('/', name.startsWith('@') ? 2 : 1).join('/')
}

/** Every rule that the sources break, as a sentence with the file, the line and the rule. */
function problemsOf(sources: Sources): string[] {
  const imports = new Map([...sources].map(([file, text]) => [file, readImports(file, text)]))
  const production = [...imports].filter(([file]) => !isTest(file))
  const eachImport = (files: Iterable<[string, Import[]]>, rule: (file: string, found: Import) => string[]) =>
    [...files].flatMap(([file, found]) =>
      found.flatMap((one) =>
        rule(file, one).map((broken) => `${file}:${one.line} imports ${one.from}: ${broken}.`),
      ),
    )
  return [
    ...[...sources].flatMap(([file, text]) => problemsOfFile(file, text)),
    ...eachImport(imports, brokenLayer),
    ...eachImport(production, brokenPackage),
    ...browserProblems(imports),
    ...cycles(imports),
  ]
}

function problemsOfFile(file: string, text: string): string[] {
  const lines = text.split('\n').length
  const problems: string[] = []
  if (lines > MAX_LINES) problems.push(`${file} has ${lines} lines; ${MAX_LINES} is the most.`)
  if (file.split('/').some((name) => EMPTY_NAME.test(name))) {
    problems.push(`${file} is named after nothing; name it after what it does.`)
  }
  if (!isTest(file) && !MAY_IMPORT[partOf(file)]) {
    problems.push(`${file} is in no part of the table; say in architecture.test.ts what it may import.`)
  }
  return problems
}

function brokenLayer(file: string, found: Import): string[] {
  if (!isRelative(found.from)) return []
  const target = targetOf(file, found)
  if (target === undefined) return isTest(file) ? [] : ['a file that is shipped imports nothing outside src']
  if (isTest(target)) return isTest(file) ? [] : ['only tests import tests']
  const [part, wanted] = [partOf(file), partOf(target)]
  if (part === wanted) return []
  if (isTest(file) && (WAYS_IN.includes(part) || !MAY_IMPORT[part])) return []
  const allowed = [...(MAY_IMPORT[part] ?? [])]
  if (isTest(file)) allowed.push(...TESTS_MAY_IMPORT, ...(WHOLE.includes(part) ? TESTS_OF_THE_WHOLE : []))
  return allowed.includes(wanted)
    ? []
    : [`${part} may import ${allowed.join(', ') || 'nothing'}, not ${wanted}`]
}

function brokenPackage(file: string, found: Import): string[] {
  if (isRelative(found.from)) return []
  const part = partOf(file)
  if (found.from.startsWith('node:')) {
    const refused = BROWSER_SAFE.includes(part) && !MAY_USE_NODE.includes(file)
    return refused ? [`${part} runs in browsers, which have no modules of Node`] : []
  }
  const name = packageOf(found.from)
  const allowed = PACKAGES[part] ?? []
  if (!allowed.includes(name))
    return [`the packages of ${part} are ${allowed.join(', ') || 'none'}, not ${name}`]
  if (LOADED_LATE.test(name) && found.kind === 'static')
    return [`${name} is imported when it is used, by import()`]
  return []
}

/** What a file loads with itself: the files of src that its static imports lead to, and itself. */
function loadedWith(entry: string, imports: ReadonlyMap<string, Import[]>): Set<string> {
  const loaded = new Set<string>()
  const queue = [entry]
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (loaded.has(file) || !imports.has(file)) continue
    loaded.add(file)
    for (const found of imports.get(file) ?? []) {
      const target = found.kind === 'static' && isRelative(found.from) ? targetOf(file, found) : undefined
      if (target !== undefined) queue.push(target)
    }
  }
  return loaded
}

function browserProblems(imports: ReadonlyMap<string, Import[]>): string[] {
  return BROWSER_ENTRIES.flatMap((entry) =>
    [...loadedWith(entry, imports)].flatMap((file) =>
      (imports.get(file) ?? [])
        .filter(
          ({ from, kind }) => kind === 'static' && from.startsWith('node:') && !MAY_USE_NODE.includes(file),
        )
        .map(({ from, line }) => `${file}:${line} imports ${from}: a browser loads it with ${entry}.`),
    ),
  )
}

/** Each import that closes a circle, as the circle that it closes. Types count: they tie two files together too. */
function cycles(imports: ReadonlyMap<string, Import[]>): string[] {
  const found: string[] = []
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]) => {
    if (path.includes(file)) {
      found.push(`${[...path.slice(path.indexOf(file)), file].join(' -> ')}: imports go in a circle.`)
      return
    }
    if (done.has(file)) return
    for (const one of imports.get(file) ?? []) {
      const target = isRelative(one.from) && one.kind !== 'dynamic' ? targetOf(file, one) : undefined
      if (target === undefined || !imports.has(target)) continue
      if (one.kind === 'type' && MAY_CLOSE_A_CIRCLE.includes(target)) continue
      visit(target, [...path, file])
    }
    done.add(file)
  }
  for (const file of imports.keys()) visit(file, [])
  return found
}

function sourcesOf(folder: string): Sources {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) =>
    file.replaceAll('\\', '/'),
  )
  return new Map(
    files
      .filter((file) => file.endsWith('.ts'))
      .map((file) => [file, readFileSync(join(folder, file), 'utf8')]),
  )
}

describe('the architecture', () => {
  it('is kept by every file under src', () => {
    expect(problemsOf(sourcesOf(src))).toEqual([])
  })

  it('has the table that docs/ARCHITECTURE.md shows', () => {
    const page = readFileSync(join(src, '..', 'docs', 'ARCHITECTURE.md'), 'utf8')
    const [, table = ''] = /\| part \| may import.*\n.*\n((?:\|.*\n)+)/.exec(page) ?? []
    const rows = table.matchAll(/^\| (.+) \| (.+) \|$/gm)
    const shown = [...rows].map(([, part, allowed]) => [
      part,
      allowed === 'nothing' ? [] : allowed?.split(', '),
    ])
    expect(Object.fromEntries(shown)).toEqual(MAY_IMPORT)
  })
})

describe('the architecture test', () => {
  const problems = (files: Record<string, string>) => problemsOf(new Map(Object.entries(files)))

  it('accepts what the table allows', () => {
    expect(
      problems({
        'domain/model.ts': "import { z } from 'zod'\nimport { entry } from '../errors/entry.js'",
        'errors/entry.ts': "import type { Cause } from './cause.js'",
        'errors/s3/fix.ts': "import type { Store } from '../../ports/store.js'",
        'client/index.ts': "import type { Registry } from '../registry/registry.js'",
        'compose.ts': "const open = () => import('./adapters/artifacts/s3.js')",
        'registry/save.test.ts': "import '../adapters/artifacts/fs.js'\nimport 'node:fs'",
        'server/app.test.ts': "import '../compose.js'\nimport '../registry/registry.contract.js'",
      }),
    ).toEqual([])
  })

  it.each([
    [
      'a value of another layer',
      { 'domain/a.ts': "\nimport { b } from '../ports/b.js'" },
      'domain may import errors, not ports',
    ],
    [
      'a type of another layer',
      { 'registry/a.ts': "import type { B } from '../adapters/b.js'" },
      'not adapters',
    ],
    [
      'a layer over several lines',
      { 'domain/a.ts': "export {\n  b,\n} from '../ports/b.js'" },
      'domain/a.ts:1 imports ../ports/b.js',
    ],
    ['an adapter from the public entry', { 'index.ts': "import('./adapters/fs.js')" }, 'not adapters'],
    ['the engine from the client', { 'client/a.ts': "import '../registry/save-model.js'" }, 'not registry'],
    [
      'a fix from its error',
      { 'errors/s3/error.ts': "import './fix.js'" },
      'errors may import nothing, not fixes',
    ],
    ['a test from what is shipped', { 'ports/a.ts': "import './a.contract.js'" }, 'only tests import tests'],
    ['something outside src', { 'cli/a.ts': "import '../../package.json'" }, 'nothing outside src'],
    [
      'an adapter from a test of the domain through a root',
      { 'domain/a.test.ts': "import '../compose.js'" },
      'not compose.ts',
    ],
    ['a package that no one decided on', { 'registry/a.ts': "import 'lodash/fp'" }, 'zod, not lodash'],
    [
      'any package in errors',
      { 'errors/a.ts': "import { z } from 'zod'" },
      'the packages of errors are none',
    ],
    [
      'a heavy driver too early',
      { 'adapters/a.ts': "import { S3 } from '@aws-sdk/client-s3'" },
      'when it is used',
    ],
    ['Node in a browser-safe folder', { 'domain/a.ts': "import 'node:fs'" }, 'runs in browsers'],
    [
      'Node behind a browser entry',
      { 'client/index.ts': "import '../sources/a.js'", 'sources/a.ts': "import 'node:fs'" },
      'sources/a.ts:1 imports node:fs: a browser loads it with client/index.ts',
    ],
    [
      'a circle',
      { 'domain/a.ts': "import './b.js'", 'domain/b.ts': "import type { A } from './a.js'" },
      'domain/a.ts -> domain/b.ts -> domain/a.ts',
    ],
    ['a part that the table does not know', { 'plugins/a.ts': '' }, 'in no part of the table'],
    ['an empty name', { 'registry/utils.ts': '' }, 'named after nothing'],
    ['an empty folder name', { 'cli/helpers/a.ts': '' }, 'named after nothing'],
    ['a file that is too long', { 'domain/a.ts': '\n'.repeat(400) }, 'has 401 lines'],
  ])('reports %s', (_, files, sentence) => {
    expect(problems(files)).toEqual([expect.stringContaining(sentence)])
  })
})
