import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { S3Address } from '../../../domain/s3-address.js'
import { makeFolderAndParents } from '../../make-folder-and-parents.js'
import { syncFolders } from '../fs/folders.js'

/** Notes the addresses whose bytes the store may have got, so that the removal of any other can do without it. */
export class Tried {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  has(address: S3Address): boolean {
    return existsSync(this.#pathOf(address))
  }

  /** Durable before anything is sent. */
  async add(address: S3Address): Promise<void> {
    if (this.has(address)) return
    await makeFolderAndParents(this.#folder)
    await (await open(this.#pathOf(address), 'a')).close()
    await syncFolders([dirname(this.#folder), this.#folder], 'full')
  }

  async remove(address: S3Address): Promise<void> {
    await rm(this.#pathOf(address), { force: true })
  }

  #pathOf(address: S3Address): string {
    return join(this.#folder, createHash('sha256').update(address).digest('hex'))
  }
}
