import { buildDist } from './dist.mjs'
import { script } from './script.mjs'

await script(async () => {
  await buildDist()
  return 0
})
