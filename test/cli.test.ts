import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { eventually } from './support/eventually.js'
import { inShell, modelry, startModelry } from './support/modelry.js'
import { temporaryFolder } from './support/temporary-folder.js'

const save = (version: string) => [
  'save',
  'model.json',
  '--id',
  'btc',
  '--version',
  version,
  '--type',
  'lstm',
  '--input-shape',
  '60,5',
  '--output-shape',
  '1',
]
const saveStdin = [
  ...save('1.0.0').map((word) => (word === 'model.json' ? '-' : word)),
  '--name',
  'model.bin',
]

async function folderWithModel(): Promise<string> {
  const cwd = await temporaryFolder()
  await writeFile(join(cwd, 'model.json'), '{"w":[1]}')
  return cwd
}

describe('the process of the command line', () => {
  it('ends with 0, 1 or 2, and keeps standard output for JSON', async () => {
    const cwd = await folderWithModel()
    const saved = await modelry([...save('1.0.0'), '--json'], { cwd })
    expect(saved).toMatchObject({ code: 0, stderr: '' })
    expect(JSON.parse(saved.stdout)).toMatchObject({ modelId: 'btc', createdBy: 'tester' })
    const again = await modelry([...save('1.0.0'), '--json'], { cwd })
    expect(again).toMatchObject({ code: 1, stderr: '' })
    expect(JSON.parse(again.stdout)).toMatchObject({ code: 'DUPLICATE_MODEL' })
    expect(await modelry(['lsit'], { cwd })).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('Did you mean list?'),
    })
  })

  it('ends quietly when nobody reads on', async () => {
    const cwd = await folderWithModel()
    const description = 'x'.repeat(9_000)
    for (let minor = 0; minor < 12; minor++)
      await modelry([...save(`1.${minor}.0`), '--description', description], { cwd })
    // Twelve descriptions are more than a pipe holds, so writing goes on after head has gone.
    expect(await inShell('modelry list --all --json | head -c 1', cwd)).toEqual({
      code: 0,
      stdout: '{',
      stderr: '',
    })
    expect(await inShell('modelry --help | head -n 1', cwd)).toMatchObject({ code: 0, stderr: '' })
  })

  it('takes back what it wrote when it is interrupted, ends with 130 and lets the save be made again', async () => {
    const cwd = await folderWithModel()
    const running = startModelry(saveStdin, { cwd })
    running.child.stdin?.on('error', () => {})
    const half = Buffer.alloc(1_000_000)
    running.child.stdin?.write(half)
    await eventually(async () =>
      expect(await bytesIncoming(join(cwd, '.modelry/artifacts'))).toBeGreaterThan(0),
    )
    running.child.kill('SIGINT')
    const { code, stdout, stderr } = await running.exit
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' })
    expect(stderr).toContain('S3_UPLOAD_FAILED')
    expect(stderr).toContain('Cause     aborted')
    expect(JSON.parse((await modelry(['scan', '--json'], { cwd })).stdout)).toEqual({ items: [] })
    expect(await modelry(save('1.0.0'), { cwd })).toMatchObject({ code: 0 })
  })

  it('never prints a bare stack, and prints one with --debug', async () => {
    const cwd = await folderWithModel()
    await writeFile(join(cwd, 'file'), '')
    const args = ['list', '--db', 'sqlite:./file/registry.db']
    const stack = /^\s+at .*:\d+:\d+\)?$/m
    const { code, stderr } = await modelry(args, { cwd })
    expect(code).toBe(1)
    expect(stderr).toContain('DATABASE_ERROR')
    expect(stderr).not.toMatch(stack)
    expect((await modelry([...args, '--debug'], { cwd })).stderr).toMatch(stack)
  })
})

describe('modelry serve', () => {
  it('prints an address that can be used at once, and ends with 0 when it is told to', async () => {
    const cwd = await folderWithModel()
    const server = startModelry(['serve', '--port', '0', '--json'], {
      cwd,
      env: { MODELRY_LOG_LEVEL: 'silent' },
    })
    const url = await eventually(() => JSON.parse(server.stdout()).url)
    const remote = { cwd, env: { MODELRY_SERVER: url } }
    expect(await modelry(save('1.0.0'), remote)).toMatchObject({ code: 0 })
    expect(JSON.parse((await modelry(['get', 'btc', '--json'], remote)).stdout)).toMatchObject({
      version: '1.0.0',
    })
    expect(await modelry(['get', 'btc'], { cwd })).toMatchObject({ code: 0 })
    server.child.kill('SIGTERM')
    expect(await server.exit).toMatchObject({ code: 0, stderr: '' })
  })

  it('has a first page whose first command works as it stands', async () => {
    const cwd = await folderWithModel()
    const server = startModelry(['serve', '--port', '0', '--json'], {
      cwd,
      env: { MODELRY_LOG_LEVEL: 'silent' },
    })
    const url = await eventually(() => JSON.parse(server.stdout()).url)
    const html = await (await fetch(url)).text()
    const [, command = ''] = /<pre[^>]*>(.*?)<\/pre>/.exec(html) ?? []
    const line = command.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
    // npx is the only part that needs an installed package.
    expect(await inShell(`npx() { "$@"; }; ${line}`, cwd)).toMatchObject({ code: 0, stderr: '' })
    expect((await modelry(['get', 'first-model'], { cwd })).stdout).toContain('model.json')
    server.child.kill('SIGTERM')
    expect(await server.exit).toMatchObject({ code: 0 })
  })
})

describe('what a command loads', () => {
  it('is nothing but the command line itself for --help', async () => {
    const loaded = await loadedBy(['--help'])
    expect(packagesIn(loaded)).toEqual([])
    const own = [
      ...['main', 'start', 'run', 'program', 'commander', 'options', 'usage-error', 'paint', 'terminal'],
      ...['interruption', 'package-version', 'redact'],
    ]
    expect(chunksIn(loaded).filter((name) => !own.includes(name))).toEqual([])
  })

  it('is the stores for list, and no server, no client and no other command', async () => {
    const loaded = await loadedBy(['list'])
    expect(packagesIn(loaded)).toEqual([])
    const names = chunksIn(loaded)
    expect(names).toEqual(expect.arrayContaining(['list', 'sqlite', 'fs', 'compose']))
    expect(names).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/server|connect-registry|tour|save|get|progress/)]),
    )
  })

  it('is the client for a server, and none of the stores', async () => {
    const names = chunksIn(await loadedBy(['list', '--server', 'http://127.0.0.1:9']))
    expect(names).toContain('connect-registry')
    expect(names).not.toEqual(expect.arrayContaining([expect.stringMatching(/sqlite|fs|create-server/)]))
  })
})

describe('modelry tour', () => {
  it('uses the models that it carries where TensorFlow.js is not installed', async () => {
    const cwd = await temporaryFolder()
    const tour = await modelry(['tour'], { cwd, node: preload, env: { WITHOUT: '@tensorflow/tfjs' } })
    expect(tour).toMatchObject({ code: 0, stderr: '' })
    expect(tour.stdout).toContain('npm install @tensorflow/tfjs')
    expect(tour.stdout).toContain('7. Clean up')
  })
})

const preload = ['--import', pathToFileURL(join(import.meta.dirname, 'cli/loaded.mjs')).href]

async function loadedBy(args: readonly string[]): Promise<string[]> {
  const cwd = await temporaryFolder()
  const file = join(cwd, 'loaded.json')
  await modelry(args, { cwd, node: preload, env: { LOADED_MODULES: file } })
  const found: unknown = JSON.parse(await readFile(file, 'utf8'))
  return Array.isArray(found) ? found.map(String) : []
}

/** The names of the files of the bundle, without the hash in them. */
function chunksIn(urls: readonly string[]): string[] {
  return urls.flatMap((url) => /\/dist\/cli\/([\w-]+?)(?:-[\w-]{8})?\.js$/.exec(url)?.[1] ?? [])
}

function packagesIn(urls: readonly string[]): string[] {
  const names = urls.flatMap((url) => /\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? [])
  return [...new Set(names)].sort()
}

/** Bytes of uploads that are not finished. */
async function bytesIncoming(root: string): Promise<number> {
  const names = await readdir(join(root, '.incoming'))
  const sizes = await Promise.all(
    names.map(async (name) => (await readFile(join(root, '.incoming', name))).length),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}
