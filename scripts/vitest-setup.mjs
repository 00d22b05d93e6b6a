import { ensureDist } from './dist.mjs'
import { say } from './project.mjs'

/**
 * What vitest does before the end-to-end tests: they run what is in dist. While the sources do not compile, those
 * that need dist run the last one that did; `npm test` does not get this far then.
 */
export async function setup() {
  await ensureDist().catch((error) => say(`The end-to-end tests run an old dist. ${error.message}`))
}
