import { ensureDist } from './dist.mjs'
import { inProject } from './project.mjs'
import { run } from './run.mjs'
import { script } from './script.mjs'

// The command line of a clone, with a Node that fits: npm run modelry -- list. npm changes to the project's folder and
// keeps in INIT_CWD where its user is; so does a start without npm, before another Node takes over.
process.env.INIT_CWD ??= process.cwd()

await script(async (args) => {
  await ensureDist()
  return run(process.execPath, [inProject('dist', 'cli', 'main.js'), ...args], { cwd: process.env.INIT_CWD })
})
