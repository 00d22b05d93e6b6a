import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from './support/temporary-folder.js'

const exec = promisify(execFile)
const folder = join(import.meta.dirname, '../examples')

/** What each example prints, in part. */
const printed: Readonly<Record<string, readonly string[]>> = {
  'save-and-load.ts': [
    'saved demo/line@1.0.0, sha256 ',
    'champion is 1.0.0, accuracy 0.9',
    '9.9.9 is null',
    'latest is {"slope":2,"intercept":-1}',
  ],
  'stream-a-big-file.ts': [
    'in 2 files, with progress',
    'streamed 64000000 bytes',
    'wrote 64000000 bytes to a folder',
    'interrupted: aborted, not-applied, 0 left behind',
  ],
  'deploy-and-roll-back.ts': [
    'production: 1.0.0 refused, policy-not-met',
    'staging: 1.2.0 refused, smoke-test-failed',
    'production: 1.1.0 after 1.0.0',
    'production: back to 1.0.0',
    'active: 1.0.0, accuracy 0.85',
  ],
  'handle-errors.ts': [
    'slope 1 is 1.0.0\nslope 1 is 1.0.0\nslope 2 is 1.1.0',
    'version: "one", where a semantic version',
    'accuracy: 93, where at most 1 is allowed',
    'outcome not-applied, retry after-fix',
    'Did you mean line?',
  ],
  'tensorflow.ts': ['saved model.json and weights.bin', '10 becomes 19.0'],
}

describe('the examples', () => {
  it('are all run here', async () => {
    const files = (await readdir(folder)).filter((name) => name.endsWith('.ts'))
    expect(files.sort()).toEqual(Object.keys(printed).sort())
  })

  it.each(Object.entries(printed))('%s runs as it stands, and leaves nothing behind', async (name, parts) => {
    const cwd = await temporaryFolder()
    const tmp = await temporaryFolder()
    const { stdout } = await exec(process.execPath, [join(folder, name)], {
      cwd,
      env: { ...process.env, TMPDIR: tmp },
    })
    for (const part of parts) expect(stdout).toContain(part)
    expect(await readdir(cwd)).toEqual([])
    expect((await readdir(tmp)).filter((name) => name.startsWith('modelry'))).toEqual([])
  })
})
