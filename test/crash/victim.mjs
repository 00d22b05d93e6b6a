// A process that is killed at one await of an operation. Plain JavaScript on the built package, so that it starts fast
// and dies as a user's process would.
//
// node victim.mjs <home> <operation> <killAt>; killAt 0 counts the awaits, prints the number and ends by itself.
import { createHook } from 'node:async_hooks'
import { createModelRegistry, fromFile, fromParts } from '../../dist/index.js'
import { metadataOf, operations } from './operations.mjs'

const [home, operation, killAt] = process.argv.slice(2)
const registry = await createModelRegistry({
  home,
  actor: 'victim',
  saveLeaseMs: 60_000,
  lockLeaseMs: 60_000,
})
const run = operations[operation]

let awaits = 0
const hook = createHook({
  before() {
    awaits += 1
    if (awaits === Number(killAt)) process.kill(process.pid, 'SIGKILL')
  },
})
hook.enable()
await run(registry, { fromFile, fromParts, metadataOf })
hook.disable()
await registry.close()
process.stdout.write(`${awaits}\n`)
