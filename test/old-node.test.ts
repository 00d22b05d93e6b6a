import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'

const main = join(import.meta.dirname, '../dist/cli/main.js')

/** A Node 20 where the machine has one; else this one, under the name of that version. */
function oldNode(): readonly [command: string, version: string, ...args: string[]] {
  const installed = '/usr/bin/node'
  const version = spawnSync(installed, ['--version'], { encoding: 'utf8' }).stdout?.trim().slice(1)
  if (version?.startsWith('20.')) return [installed, version]
  const versions = 'Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.20.2"}})'
  return [process.execPath, '20.20.2', '--import', `data:text/javascript,${encodeURIComponent(versions)}`]
}

describe('the command line on a Node that is too old', () => {
  it.each(['list', '--help'])('%s says in one line which one it needs, and ends with 1', (argument) => {
    const [command, version, ...args] = oldNode()
    const { status, stdout, stderr } = spawnSync(command, [...args, main, argument], { encoding: 'utf8' })
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr.split('\n')).toEqual([
      expect.stringContaining(`modelry needs Node 22.23, 24 or newer; this is ${version}. `),
      '',
    ])
  })
})

describe('the library on a Node that is too old', () => {
  it('says which one it needs', () => {
    const [command, version, ...args] = oldNode()
    const entry = JSON.stringify(pathToFileURL(join(import.meta.dirname, '../dist/index.js')).href)
    const program = `import(${entry}).then((m) => m.createModelRegistry()).catch((e) => console.log(e.code, e.message))`
    const { stdout } = spawnSync(command, [...args, '-e', program], { encoding: 'utf8', cwd: tmpdir() })
    expect(stdout).toContain(
      `MODEL_VALIDATION_FAILED Opening the registry was refused, because Node: found "${version}"`,
    )
    expect(stdout).toContain('22.23, 24 or newer')
  })
})
