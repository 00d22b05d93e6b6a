import { timedOut } from '../../../../errors/causes/network.js'
import { S3Error } from '../../../../errors/s3-error/error.js'
import { S3UploadError } from '../../../../errors/s3-upload-failed/error.js'
import type { ArtifactStore, Bytes } from '../../../../ports/artifact-store.js'

/** The way to a store, as a test wants it to be. */
export interface Link {
  /** Every call fails as one does that nothing answers. */
  away: boolean
  /** Puts fail so once they have read so much. */
  breakAfterBytes?: number | undefined
  /** Puts succeed, and their caller hears of a time-out. */
  loseAnswers: boolean
  /** How many puts have reached the store. */
  puts: number
}

/** A real store behind a link that a test can cut. */
export function awayStore(real: ArtifactStore): { readonly store: ArtifactStore; readonly link: Link } {
  const link: Link = { away: false, loseAnswers: false, puts: 0 }
  const orFail = () => {
    if (link.away) throw new S3Error({ operation: 'call' }, { reason: timedOut })
  }
  const store: ArtifactStore = {
    async put(address, content, options) {
      const lost = () => new S3UploadError({ s3Path: address }, { reason: timedOut })
      options?.signal?.throwIfAborted()
      // Reads on until the buffers of the connection are full.
      if (link.away) for await (const _ of content) throw lost()
      if (link.breakAfterBytes !== undefined) await readTo(content, link.breakAfterBytes, lost)
      link.puts += 1
      const stored = await real.put(address, content, options)
      if (link.loseAnswers) throw lost()
      return stored
    },
    async open(address, options) {
      orFail()
      return real.open(address, options)
    },
    async stat(address) {
      orFail()
      return real.stat(address)
    },
    async delete(address) {
      orFail()
      return real.delete(address)
    },
    async *list(prefix) {
      orFail()
      yield* real.list(prefix)
    },
    async *listUnfinished(prefix) {
      orFail()
      yield* real.listUnfinished(prefix)
    },
    async endUnfinished(at) {
      orFail()
      return real.endUnfinished(at)
    },
    async check() {
      orFail()
      await real.check()
    },
    close: () => real.close(),
  }
  return { store, link }
}

async function readTo(content: Bytes, bytes: number, failure: () => Error): Promise<void> {
  let read = 0
  for await (const piece of content) {
    read += piece.length
    if (read >= bytes) throw failure()
  }
}
