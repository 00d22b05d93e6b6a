import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const typeRoots = [join(root, 'node_modules/@types')]

/** A folder with the tarball and, in `project`, a package that has installed it and nothing else. */
let folder: string
let project: string
let tarball: string
let packed: string[]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'modelry-package-'))
  project = join(folder, 'project')
  const [{ filename, files }] = JSON.parse(
    (await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], root)).stdout,
  )
  tarball = join(folder, filename)
  packed = files.map(({ path }: { path: string }) => path)
  await mkdir(project)
  await write('package.json', '{ "name": "consumer", "version": "1.0.0", "private": true }')
  await succeed('npm', [
    'install',
    tarball,
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ])
})

afterAll(() => rm(folder, { recursive: true, force: true }))

describe('the packed tarball', () => {
  it('holds what is run, its types, its licence and its manual', () => {
    expect(packed).toEqual(
      expect.arrayContaining(
        ['index', 'client/index', 'errors/index', 'logger/index', 's3/index', 'tfjs/index'].flatMap(
          (entry) => [
            ...[`dist/${entry}.js`, `dist/${entry}.d.ts`],
            ...[`dist/cjs/${entry}.js`, `dist/cjs/${entry}.d.ts`],
          ],
        ),
      ),
    )
    expect(packed).toEqual(
      expect.arrayContaining([
        'package.json',
        'README.md',
        'LICENSE',
        'CHANGELOG.md',
        'llms.txt',
        'docs/errors/S3_UPLOAD_FAILED.md',
        'docs/errors/catalog.json',
        'docs/runbooks/s3-upload-failure.md',
        'dist/cli/main.js',
        'dist/cjs/package.json',
      ]),
    )
  })

  it('holds no tests, no sources and no traces of the build', () => {
    const wrong = /\.(test|contract|testing)\.|\/(testing|fixtures)\/|(?<!\.d)\.ts$|\.map$|\/\.[^/]*$/
    expect(packed.filter((path) => wrong.test(path))).toEqual([])
  })

  it('has nothing that publint warns of', async () => {
    await succeed(process.execPath, [
      join(root, 'node_modules/publint/src/cli.js'),
      'run',
      tarball,
      '--strict',
    ])
  })

  it('has types that are right for every way to import it', async () => {
    const attw = join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js')
    await succeed(process.execPath, [attw, tarball, '--profile', 'node16'])
  })
})

describe('the installed package', () => {
  it('is imported as ES modules', async () => {
    await write(
      'esm.mjs',
      `
        import { createModelRegistry, S3UploadError } from 'modelry'
        import * as client from 'modelry/client'
        import * as errors from 'modelry/errors'
        import * as tfjs from 'modelry/tfjs'
        import { logger } from 'modelry/logger'
        import { s3CircuitBreaker, s3Storage } from 'modelry/s3'
        import catalog from 'modelry/catalog.json' with { type: 'json' }
        import manifest from 'modelry/package.json' with { type: 'json' }
        console.log(typeof createModelRegistry, errors.S3UploadError === S3UploadError, manifest.name)
        console.log(typeof logger.error, typeof s3CircuitBreaker.reset, typeof s3Storage.deleteModel, catalog.errors.length)
        console.log([client, tfjs].every((entry) => Object.keys(entry).length > 0))
      `,
    )
    expect(await succeed(process.execPath, ['esm.mjs'])).toBe(
      'function true modelry\nfunction function function 13\ntrue\n',
    )
  })

  it('says which package to install for a store in S3', async () => {
    await write(
      's3.mjs',
      `
        import { createModelRegistry } from 'modelry'
        import { s3Storage } from 'modelry/s3'
        const error = await createModelRegistry({ store: 's3://ml-models' }).catch((error) => error)
        console.log(error.code, error.message.includes('npm install @aws-sdk/client-s3'))
        const again = await s3Storage.deleteModel({ bucket: 'ml-models', key: 'a' }).catch((error) => error)
        console.log(again.code, again.message.includes('npm install @aws-sdk/client-s3'))
      `,
    )
    expect(await succeed(process.execPath, ['s3.mjs'])).toBe(
      'MODEL_VALIDATION_FAILED true\nMODEL_VALIDATION_FAILED true\n',
    )
  })

  it('says which package to install for a registry on Supabase', async () => {
    await write(
      'supabase.mjs',
      `
        import { createModelRegistry } from 'modelry'
        process.env.SUPABASE_URL = 'https://abcdefghijklm.supabase.co'
        process.env.SUPABASE_SERVICE_ROLE_KEY = 'key'
        const error = await createModelRegistry().catch((error) => error)
        console.log(error.code, error.message.includes('npm install @supabase/supabase-js'))
      `,
    )
    expect(await succeed(process.execPath, ['supabase.mjs'])).toBe('MODEL_VALIDATION_FAILED true\n')
  })

  it('is required from CommonJS', async () => {
    await write(
      'cjs.cjs',
      `
        const { createModelRegistry, S3UploadError } = require('modelry')
        const [client, errors, tfjs] = [require('modelry/client'), require('modelry/errors'), require('modelry/tfjs')]
        console.log(typeof createModelRegistry, errors.S3UploadError === S3UploadError, require('modelry/package.json').name)
        console.log([client, tfjs].every((entry) => Object.keys(entry).length > 0))
      `,
    )
    expect(await succeed(process.execPath, ['cjs.cjs'])).toBe('function true modelry\ntrue\n')
  })

  it('has one set of classes, so that instanceof holds between the two', async () => {
    await write(
      'both.mjs',
      `
        import { createRequire } from 'node:module'
        import * as esm from 'modelry'
        const cjs = createRequire(import.meta.url)('modelry')
        const error = new cjs.ModelNotFoundError('btc-lstm', '1.0.0')
        console.log(error instanceof esm.ModelNotFoundError, error instanceof esm.ModelRegistryError)
        console.log(new esm.ModelNotFoundError('btc-lstm', '1.0.0') instanceof cjs.ModelNotFoundError)
      `,
    )
    expect(await succeed(process.execPath, ['both.mjs'])).toBe('true true\ntrue\n')
  })

  it.each([
    ['node16 from an ES module', 'types.mts', { module: 'node16' }],
    ['node16 from CommonJS', 'types.cts', { module: 'node16' }],
    ['a bundler', 'types.ts', { module: 'esnext', moduleResolution: 'bundler' }],
  ])('has types under the resolution of %s', async (_, file, options) => {
    await write(
      file,
      `
        import { createModelRegistry, ModelNotFoundError, ModelRegistryError, type Registry } from 'modelry'
        import * as client from 'modelry/client'
        import { ModelRegistryError as SameError } from 'modelry/errors'
        import * as tfjs from 'modelry/tfjs'
        export const open: (...options: Parameters<typeof createModelRegistry>) => unknown = createModelRegistry
        export const base: ModelRegistryError = new ModelNotFoundError('btc-lstm', '1.0.0')
        export const same: SameError = base
        export const version = (registry: Registry) => registry.getModel('btc-lstm', '1.0.0')
        export const entries = [client, tfjs]
        // @ts-expect-error: a code is one of thirteen, so types that have become \`any\` are noticed.
        export const code: 'NO_SUCH_CODE' = base.code
      `,
    )
    await compile(file, { ...options, types: ['node'], typeRoots })
  })

  it('has types for its client and its errors where there is no Node', async () => {
    await write('browser.ts', `export * from 'modelry/client'\nexport * from 'modelry/errors'\n`)
    await compile('browser.ts', { module: 'esnext', moduleResolution: 'bundler', types: [] })
  })

  it('compiles the examples of its manual', async () => {
    const manual = await readFile(join(root, 'README.md'), 'utf8')
    const examples = [...manual.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code ?? '')
    expect(examples.length).toBeGreaterThan(0)
    for (const [index, code] of examples.entries()) {
      await write(`readme-${index}.mts`, code)
      await compile(`readme-${index}.mts`, { module: 'node16', types: ['node'], typeRoots })
    }
  })

  it('runs as npx modelry', async () => {
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
    expect(await succeed('npx', ['--no-install', 'modelry', '--version'])).toBe(`${version}\n`)
    expect(await succeed('npx', ['--no-install', 'modelry', '--help'])).toContain('modelry')
  })

  it('loads nothing heavy with import "modelry"', async () => {
    await write('light.mjs', `import 'modelry'\n`)
    expect(heavy(await loadedBy(['light.mjs']))).toEqual([])
  })

  it('loads nothing with modelry --help but what parses the command line', async () => {
    const main = join('node_modules', 'modelry', 'dist', 'cli', 'main.js')
    const used = ['commander']
    expect(heavy(await loadedBy([main, '--help'])).filter((name) => !used.includes(name))).toEqual([])
  })
})

/** The names of the packages among the loaded modules that take long to load or that are someone's to choose. */
function heavy(loaded: readonly string[]): string[] {
  const packages = loaded.map(
    (url) => /\/node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*\/node_modules\/)/.exec(url)?.[1],
  )
  const light = ['modelry', 'zod']
  return [...new Set(packages)]
    .filter((name) => name !== undefined && !light.includes(name))
    .map(String)
    .sort()
}

/** The addresses of all modules that a program loads. */
async function loadedBy(args: readonly string[]): Promise<string[]> {
  const list = join(folder, 'loaded.txt')
  await writeFile(list, '')
  await write(
    'record-loads.mjs',
    `
      import { appendFileSync } from 'node:fs'
      import { registerHooks } from 'node:module'
      registerHooks({
        load(url, context, next) {
          appendFileSync(${JSON.stringify(list)}, url + '\\n')
          return next(url, context)
        },
      })
    `,
  )
  await succeed(process.execPath, ['--import', './record-loads.mjs', ...args])
  const loaded = (await readFile(list, 'utf8')).trim().split('\n')
  expect(
    loaded.some((url) => url.includes('/modelry/dist/')),
    'the hook sees what is loaded',
  ).toBe(true)
  return loaded
}

async function compile(file: string, compilerOptions: Record<string, unknown>): Promise<void> {
  const settings = `tsconfig.${file}.json`
  const options = { target: 'es2024', strict: true, noEmit: true, skipLibCheck: false, ...compilerOptions }
  await write(settings, JSON.stringify({ compilerOptions: options, files: [file] }))
  await succeed(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', settings])
}

const write = (file: string, text: string) => writeFile(join(project, file), text)

/** Runs a program in the consumer's project and answers what it printed; fails with its output where it fails. */
async function succeed(command: string, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(command, args, project)
  expect(code, `${command} ${args.join(' ')}\n${stdout}${stderr}`).toBe(0)
  return stdout
}

function run(command: string, args: readonly string[], cwd: string) {
  const shell = process.platform === 'win32' && !command.includes('node')
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile(command, args, { cwd, shell, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr })
    })
  })
}
