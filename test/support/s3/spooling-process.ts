// A process that is killed at one await of a save or of a sync. The facts are the first argument, as JSON: `killAt` 0
// counts the awaits, prints the number and ends by itself.
import { createHook } from 'node:async_hooks'
import { openEngine } from '../../../src/compose.js'
import { loadConfig } from '../../../src/config.js'
import { fromParts } from '../../../src/sources/from-parts.js'

const { options, operation, metadata, killAt } = JSON.parse(process.argv[2] ?? '{}')
const { config } = await loadConfig({ program: options, env: {} })
const engine = await openEngine(config)

let awaits = 0
const hook = createHook({
  before() {
    awaits += 1
    if (awaits === killAt) process.kill(process.pid, 'SIGKILL')
  },
})
hook.enable()
if (operation === 'save') {
  const parts = fromParts({ 'a.json': { a: 1 }, 'b.bin': new Uint8Array(70_000).fill(7) })
  await engine.registry.saveModel(parts, metadata)
} else {
  for await (const item of engine.sync()) if (item.state === 'failed') throw item.error
}
hook.disable()
await engine.registry.close()
process.stdout.write(String(awaits))
