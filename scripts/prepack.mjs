import { ensureDist } from './dist.mjs'
import { script } from './script.mjs'

// npm pack and npm publish run this first, so that no package goes out without dist, or with one of other sources.
// npm runs no script of a package where ignore-scripts is set: `npm run check` looks at the tarball there.
await script(async () => {
  await ensureDist()
  return 0
})
