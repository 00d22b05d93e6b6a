import { existsSync } from 'node:fs'
import { ensureDist } from './dist.mjs'
import { inProject } from './project.mjs'
import { run } from './run.mjs'
import { script } from './script.mjs'
import { Stop } from './stop.mjs'

await script(async (args) => {
  await ensureDist()
  const main = inProject('dist', 'cli', 'main.js')
  if (!existsSync(main)) throw new Stop('There is nothing to start: src/cli/main.ts does not exist.')
  return run(process.execPath, [main, 'serve', ...args])
})
