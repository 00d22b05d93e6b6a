// node degrade-to-local-storage.mjs <folder of the compiled recipes>: a server that is not there, and a registry that is.
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectRegistry } from '../../dist/client/index.js'
import { createModelRegistry } from '../../dist/index.js'
import { metadata, recipe } from './recipe.mjs'

const { saveSomewhere } = await recipe('degrade-to-local-storage-1')
const { carryOver } = await recipe('degrade-to-local-storage-2')
const home = await mkdtemp(join(tmpdir(), 'modelry-recipe-'))
const kept = join(home, 'kept')
const registry = await createModelRegistry({ home: join(home, 'registry') })
const away = connectRegistry({ url: `http://127.0.0.1:${await closedPort()}`, retries: { attempts: 1 } })
console.warn = (message) => console.log(message.split(',')[0])

console.log(
  await saveSomewhere(
    away,
    kept,
    { slope: 1 },
    { ...metadata, s3Path: 's3://elsewhere/line.json', accuracy: 0.9 },
  ),
)
console.log(await saveSomewhere(away, kept, { slope: 2 }, { ...metadata, version: '1.1.0' }))
console.log(await saveSomewhere(registry, kept, { slope: 1 }, { ...metadata, accuracy: 0.9 }))
console.log(await carryOver(registry, kept))
console.log(await carryOver(registry, kept))
const carried = await registry.loadModel('line', '1.1.0')
console.log(await carried.json(), (await registry.getModel('line', '1.0.0'))?.accuracy)
await saveSomewhere(registry, kept, { slope: 3 }, metadata).catch((error) =>
  console.log(`not kept: ${error.code}`),
)
await registry.close()
console.log((await readdir(tmpdir())).filter((name) => name.startsWith('modelry-carried-')))
await rm(home, { recursive: true })

/** A port that nobody listens at: one that was free a moment ago. */
async function closedPort() {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}
