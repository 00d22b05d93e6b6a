import type { S3Address } from '../domain/s3-address.js'
import { inBatches } from './address-batches.js'
import type { RegistryDeps } from './deps.js'

/** Which of the files are those of another version too, so that their bytes must stay. */
export async function heldElsewhere(
  deps: RegistryDeps,
  saveId: string,
  files: readonly { readonly address: S3Address }[],
): Promise<ReadonlySet<S3Address>> {
  const held = new Set<S3Address>()
  for (const addresses of inBatches(files.map(({ address }) => address)))
    for (const address of await deps.metadata.heldElsewhere(saveId, addresses)) held.add(address)
  return held
}
