import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from './support/temporary-folder.js'

const main = join(import.meta.dirname, '../dist/cli/main.js')

// Windows lets nobody remove the working folder of a process.
it.skipIf(process.platform === 'win32')('says so when the working folder was removed', async () => {
  const folder = await temporaryFolder()
  const commands = 'mkdir gone && cd gone && rmdir ../gone && exec "$0" "$1" list'
  const { status, stdout, stderr } = spawnSync('sh', ['-c', commands, process.execPath, main], {
    cwd: folder,
    encoding: 'utf8',
  })
  expect({ status, stdout, stderr }).toEqual({
    status: 1,
    stdout: '',
    stderr: 'The working folder was removed: change to one that is there and run modelry again.\n',
  })
})
