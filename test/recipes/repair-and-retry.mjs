// node repair-and-retry.mjs <folder of the compiled recipes>: a save that dies while another one wants its version.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createModelRegistry } from '../../dist/index.js'
import { metadata, recipe } from './recipe.mjs'

const { saveWithRepair } = await recipe('repair-and-retry-1')
const { saveByHand } = await recipe('repair-and-retry-2')
const { planAsText } = await recipe('repair-and-retry-3')
const home = await mkdtemp(join(tmpdir(), 'modelry-recipe-'))
const registry = await createModelRegistry({ home })
console.warn = (...words) => console.log(words[0], words[1], words[2])
console.error = (guide) => console.log(guide.split('\n')[0])

/** Another save of the version, which has begun and ends, without success, once somebody was refused because of it. */
async function whileAnotherSaves(version, work) {
  const dies = new AbortController()
  const begun = Promise.withResolvers()
  async function* endless() {
    begun.resolve()
    for (;;) {
      yield new Uint8Array(1)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
  const other = registry
    .saveModel(endless(), { ...metadata, version }, { signal: dies.signal })
    .catch((error) => error)
  await begun.promise
  const refusedOnce = {
    async saveModel(...args) {
      try {
        return await registry.saveModel(...args)
      } catch (error) {
        console.log(`refused: ${error.code}/${error.reason.id}`)
        console.log((await planAsText(error)).split(':')[0])
        dies.abort()
        throw error
      }
    },
  }
  const record = await work(refusedOnce)
  console.log(`saved ${record.version}, the other one was ${(await other).reason.id}`)
}

await whileAnotherSaves('1.0.0', (target) =>
  saveWithRepair(target, { a: 1 }, { ...metadata, version: '1.0.0' }),
)
await whileAnotherSaves('1.1.0', (target) => saveByHand(target, { a: 2 }, { ...metadata, version: '1.1.0' }))
for (const save of [saveWithRepair, saveByHand])
  await save(registry, { a: 3 }, { ...metadata, version: '1.0.0' }).catch((error) =>
    console.log(`gave up: ${error.code}, ${error.lastFix.ended}`),
  )
await registry.close()
await rm(home, { recursive: true })
