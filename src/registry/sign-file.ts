import type { ModelFile } from '../domain/model-record.js'
import type { SignedRequest } from '../ports/direct-transfer.js'
import type { RegistryDeps } from './deps.js'

/** @see Engine.signFile */
export async function signFile(
  { artifacts }: RegistryDeps,
  { address, mediaType, heldBy }: ModelFile,
  disposition: string,
): Promise<SignedRequest | undefined> {
  // A spool has it, and the store has not.
  if (heldBy !== undefined) return undefined
  // What the store cannot sign, this process reads, and says why where it cannot either.
  return artifacts.direct?.signRead(address, { mediaType, disposition }).catch(() => undefined)
}
