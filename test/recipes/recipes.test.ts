import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const exec = promisify(execFile)
const root = join(import.meta.dirname, '../..')
const recipes = join(root, 'docs', 'recipes')

/** What the program beside this test prints, which runs the recipe of its name. */
const printed: Readonly<Record<string, readonly string[]>> = {
  'repair-and-retry': [
    'refused: DUPLICATE_MODEL/save-in-progress',
    'wait-for-save (safe)',
    'DUPLICATE_MODEL wait-for-save fixed',
    'saved 1.0.0, the other one was aborted',
    'refused: DUPLICATE_MODEL/save-in-progress',
    'wait-for-save (safe)',
    'saved 1.1.0, the other one was aborted',
    'DUPLICATE_MODEL no repair no-fix',
    'gave up: DUPLICATE_MODEL, no-fix',
    'DUPLICATE_MODEL: The version exists',
    'gave up: DUPLICATE_MODEL, no-fix',
  ],
  'degrade-to-local-storage': [
    'saveModel was not carried out',
    'kept here',
    'saveModel was not carried out',
    'kept here',
    'saved',
    "[ 'line@1.0.0', 'line@1.1.0' ]",
    '[]',
    '{ slope: 2 } 0.9',
    'not kept: DUPLICATE_MODEL',
    '[]',
  ],
  'log-and-report': [
    'thrown on: TypeError',
    'thrown on: MODEL_VALIDATION_FAILED',
    'logged 1: Model save failed, MODEL_VALIDATION_FAILED/invalid-version, not-applied',
    'captured: ModelValidationError,TypeError',
    '{',
    "  code: 'MODEL_VALIDATION_FAILED',",
    "  cause: 'invalid-version',",
    "  outcome: 'not-applied'",
    "} [ 'MODEL_VALIDATION_FAILED', 'invalid-version' ]",
    '1.2.0',
    'secrets: false',
  ],
}

/** Inside of the project, where `modelry` is the project itself. */
let folder: string

beforeAll(async () => {
  await mkdir(join(root, '.cache'), { recursive: true })
  folder = await mkdtemp(join(root, '.cache', 'recipes-'))
  for (const name of Object.keys(printed)) {
    const text = await readFile(join(recipes, `${name}.md`), 'utf8')
    const blocks = [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code ?? '')
    expect(blocks.length).toBeGreaterThan(0)
    for (const [index, code] of blocks.entries())
      await writeFile(join(folder, `${name}-${index + 1}.ts`), code)
  }
})

afterAll(() => rm(folder, { recursive: true, force: true }))

describe('the recipes', () => {
  it('are all run here, and all listed', async () => {
    const names = (await readdir(recipes)).filter((name) => name !== 'README.md')
    expect(names.sort()).toEqual(
      Object.keys(printed)
        .map((name) => `${name}.md`)
        .sort(),
    )
    const list = await readFile(join(recipes, 'README.md'), 'utf8')
    for (const name of names) expect(list).toContain(`](${name})`)
  })

  it('compile as they stand', async () => {
    const settings = { extends: '../../tsconfig.json', include: ['*.ts'] }
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(settings))
    await succeed(join(root, 'node_modules/typescript/bin/tsc'), '-p', folder)
  })

  it.each(Object.entries(printed))('%s does what it says', async (name, lines) => {
    const output = await succeed(join(import.meta.dirname, `${name}.mjs`), folder)
    expect(output.trimEnd().split('\n')).toEqual(lines)
  })
})

/** Fails with what the program printed where it fails. */
async function succeed(...args: string[]): Promise<string> {
  const done = exec(process.execPath, args, { cwd: root, env: { ...process.env, NO_COLOR: '1' } })
  const { stdout } = await done.catch((error: { stdout: string; stderr: string }) => {
    throw new Error(`${args[0]} failed:\n${error.stdout}\n${error.stderr}`)
  })
  return stdout
}
