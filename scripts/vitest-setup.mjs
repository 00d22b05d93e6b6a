/** What vitest does before the end-to-end tests: they run what is in dist. */
export { ensureDist as setup } from './dist.mjs'
