/**
 * A process that exports or imports, and kills itself at one of its steps: before or after a call of a store, at a piece
 * of a file, at a row. `node transfer-victim.ts <export|import> <home> <place> <step>`; step 0 kills nothing, and prints how
 * many steps there are.
 */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { FsArtifactStore } from '../../adapters/artifacts/fs.js'
import { openSqliteMetadataStore } from '../../adapters/metadata/sqlite.js'
import type { ArtifactStore } from '../../ports/artifact-store.js'
import type { MetadataStore } from '../../ports/metadata-store.js'
import { createEngine } from '../create-engine.js'
import { RegistryEvents } from '../registry-events.js'

const [, , operation, home = '', root = '', killAt] = process.argv
let steps = 0

function step(): void {
  steps++
  if (steps === Number(killAt)) process.kill(process.pid, 'SIGKILL')
}

async function* stepped<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
  for await (const item of items) {
    step()
    yield item
  }
}

function watchedArtifacts(real: ArtifactStore): ArtifactStore {
  const watched: Partial<ArtifactStore> = {
    put: async (address, content, options) => {
      step()
      const result = await real.put(address, stepped(content), options)
      step()
      return result
    },
    open: async (address, options) => {
      step()
      return stepped(await real.open(address, options))
    },
    stat: async (address) => {
      step()
      return real.stat(address)
    },
    delete: async (address) => {
      step()
      await real.delete(address)
      step()
    },
  }
  return new Proxy(real, {
    get(store, name) {
      const method: unknown = Reflect.get(watched, name) ?? Reflect.get(store, name)
      return typeof method === 'function' ? method.bind(store) : method
    },
  })
}

function watchedMetadata(real: MetadataStore): MetadataStore {
  return {
    ...real,
    exportRows: (read, only) => real.exportRows((rows) => read(stepped(rows)), only),
    importRows: async (rows) => {
      step()
      const done = await real.importRows(() => stepped(rows()))
      step()
      return done
    },
  }
}

const place = {
  store: watchedArtifacts(new FsArtifactStore({ root })),
  prefix: 's3://registry',
  shown: root,
  holds: 'exports' as const,
}
const engine = createEngine({
  artifacts: watchedArtifacts(new FsArtifactStore({ root: join(home, 'artifacts') })),
  metadata: watchedMetadata(await openSqliteMetadataStore({ path: join(home, 'registry.db') })),
  events: new RegistryEvents(),
  environments: {},
  closeGraceMs: 1000,
  actor: 'victim',
  holder: `victim:${process.pid}`,
  bucket: 'models',
  saveLeaseMs: 60_000,
  lockLeaseMs: 60_000,
  newId: randomUUID,
  now: () => new Date(),
})
if (operation === 'export') await engine.exportTo(place)
else await engine.importFrom(place)
await engine.registry.close()
process.stdout.write(String(steps))
