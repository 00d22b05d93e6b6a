import type { RegistryDeps } from './deps.js'
import type { HeldByOther } from './engine.js'

/** @see Engine.heldByOthers */
export async function heldByOthers({ metadata, spool }: RegistryDeps): Promise<HeldByOther[]> {
  const own = await spool?.holder()
  const others = new Map<string, HeldByOther>()
  for (const { heldBy, address, size } of await metadata.listPending()) {
    if (heldBy === own || spool?.has(address)) continue
    const { files, bytes } = others.get(heldBy) ?? { files: 0, bytes: 0 }
    others.set(heldBy, { holder: heldBy, files: files + 1, bytes: bytes + size })
  }
  return [...others.values()]
}
