import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { catalog } from '../../src/errors/catalog.js'
import { errorCodes } from '../../src/errors/entry.js'
import { guides } from '../../src/errors/pages/guides.js'

const exec = promisify(execFile)
const root = join(import.meta.dirname, '../..')

/** Inside of the project, so that `modelry` is this package for the compiler and for Node. */
let folder: string

beforeAll(async () => {
  const cache = join(root, '.cache')
  await mkdir(cache, { recursive: true })
  folder = await mkdtemp(join(cache, 'catalog-examples-'))
  for (const code of errorCodes) await writeFile(join(folder, `${code}.ts`), guides[code].example)
  const files = errorCodes.map((code) => `${code}.ts`)
  await writeFile(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: join(root, 'tsconfig.json'), include: [], files }),
  )
})

afterAll(() => rm(folder, { recursive: true, force: true }))

describe('the example of each code', () => {
  it('compiles as it stands', async () => {
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    const { stdout } = await exec(process.execPath, [tsc, '-p', folder]).catch(({ stdout }) => ({ stdout }))
    expect(stdout).toBe('')
  })

  it('runs, meets its error, and does what it says', async () => {
    const run = join(import.meta.dirname, 'run-examples.mjs')
    const { stdout } = await exec(process.execPath, [run, folder])
    expect(stdout.split('\n').filter((line) => Object.hasOwn(catalog, line))).toEqual([...errorCodes])
  })
})
