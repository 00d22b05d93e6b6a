import { open } from 'node:fs/promises'
import { join } from 'node:path'

/** Changes one byte of a stored object behind the registry's back. */
export async function damage(artifacts: string, address: string, at = 0): Promise<void> {
  const handle = await open(placeOf(artifacts, address), 'r+')
  try {
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, at)
    await handle.write(Buffer.from([(buffer[0] ?? 0) ^ 1]), 0, 1, at)
  } finally {
    await handle.close()
  }
}

/** Where an object lies on this machine. */
export function placeOf(artifacts: string, address: string): string {
  return join(artifacts, address.slice('s3://'.length))
}
