import { setImmediate } from 'node:timers/promises'
import { isAtOrBelow } from '../domain/s3-address.js'
import type { ArtifactStore, StoredObject } from '../ports/artifact-store.js'
import type { RegistryDeps } from './deps.js'
import type { ScanFinding } from './registry.js'
import { isKeptHere, sideOf } from './spool.js'

const BATCH = 500
/** Read at once; each may have thousands of files. */
const VERSIONS = 20

/** @see Registry.scan */
export async function* scan(deps: RegistryDeps): AsyncGenerator<ScanFinding> {
  for (const { is, modelId, version, s3Path, expiresInMs } of await deps.metadata.listUnfinished()) {
    const facts = { modelId, version, address: s3Path }
    yield is === 'saving'
      ? { is: 'unfinished-save', ...facts, expired: expiresInMs <= 0 }
      : { is: 'unfinished-deletion', ...facts }
  }
  for await (const { at, size, touchedAt } of deps.artifacts.listUnfinished())
    yield { is: 'unfinished-upload', at, bytes: size, touchedAt: touchedAt.toISOString() }
  yield* orphans(deps)
  yield* missingFiles(deps)
}

async function* orphans(deps: RegistryDeps): AsyncGenerator<ScanFinding> {
  for await (const batch of batches(deps.artifacts.list())) {
    await setImmediate()
    // Asked after the listing: whoever wrote an object reserved its version before, and is known by now.
    const known = await deps.metadata.knownAddresses(batch.map(({ address }) => address))
    const unfinished = await deps.metadata.listUnfinished()
    for (const { address, size } of batch) {
      const underway = unfinished.some(({ s3Path }) => isAtOrBelow(address, s3Path))
      if (known.has(address) || underway) continue
      // A save that failed in between took its object back before it freed the version.
      if (await isStillThere(deps.artifacts, address)) yield { is: 'orphaned-object', address, bytes: size }
    }
  }
}

async function isStillThere(artifacts: ArtifactStore, address: StoredObject['address']): Promise<boolean> {
  return (await artifacts.stat(address)) !== undefined
}

async function* missingFiles(deps: RegistryDeps): AsyncGenerator<ScanFinding> {
  const holder = await deps.spool?.holder()
  let cursor: string | undefined
  do {
    const page = await deps.metadata.listModels({ limit: VERSIONS, orderBy: 'oldest', cursor })
    for (const { modelId, version, files } of page) {
      // Stores on this machine answer at once, so that nothing else would get its turn.
      await setImmediate()
      for (const file of files) {
        // The spool of another machine has it.
        if (file.heldBy !== undefined && !isKeptHere(file, deps.spool, holder)) continue
        const stored = await deps.artifacts.stat(file.address, sideOf(file))
        if (stored?.size !== file.size)
          yield { is: 'missing-file', modelId, version, address: file.address, bytes: file.size }
      }
    }
    cursor = page.nextCursor
  } while (cursor !== undefined)
}

async function* batches(objects: AsyncIterable<StoredObject>): AsyncGenerator<StoredObject[]> {
  let batch: StoredObject[] = []
  for await (const object of objects) {
    batch.push(object)
    if (batch.length < BATCH) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
