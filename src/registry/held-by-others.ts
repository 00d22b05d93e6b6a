import type { RegistryDeps } from './deps.js'
import type { HeldByOther } from './engine.js'
import { isKeptHere } from './spool.js'

/** @see Engine.heldByOthers */
export async function heldByOthers({ metadata, spool }: RegistryDeps): Promise<HeldByOther[]> {
  const own = await spool?.holder()
  const others = new Map<string, HeldByOther>()
  for (const file of await metadata.listPending()) {
    if (isKeptHere(file, spool, own)) continue
    const { heldBy, size } = file
    const { files, bytes } = others.get(heldBy) ?? { files: 0, bytes: 0 }
    others.set(heldBy, { holder: heldBy, files: files + 1, bytes: bytes + size })
  }
  return [...others.values()]
}
