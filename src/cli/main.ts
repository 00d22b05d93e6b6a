#!/usr/bin/env node
import { nodeRefusal } from './node-version.js'

// Nothing else is imported before the version is known: an older Node stops at the first name that it does not have.
const refusal = nodeRefusal(process.versions.node)
if (refusal === undefined) {
  const { start } = await import('./start.js')
  await start()
} else {
  process.stderr.write(`${refusal}\n`)
  process.exitCode = 1
}
