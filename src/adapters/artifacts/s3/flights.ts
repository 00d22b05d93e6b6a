import type { S3Address } from '../../../domain/s3-address.js'
import type { UnfinishedUpload } from '../../../ports/artifact-store.js'

/** A put that is under way in this process. */
export interface Flight {
  readonly at: string
  readonly address: S3Address
  size: number
  touchedAt: Date
  /** From when it exists, the store lists the upload itself. */
  uploadId?: string
}

/** The puts that this process has under way: of a small object, the store knows nothing before its last byte. */
export class Flights {
  readonly #flights = new Set<Flight>()

  begin(at: string, address: S3Address): Flight {
    const flight: Flight = { at, address, size: 0, touchedAt: new Date() }
    this.#flights.add(flight)
    return flight
  }

  end(flight: Flight): void {
    this.#flights.delete(flight)
  }

  /** Whether one of them has that name, or that upload. */
  has(at: string, uploadId: string | undefined): boolean {
    for (const flight of this.#flights)
      if (flight.at === at || (uploadId !== undefined && flight.uploadId === uploadId)) return true
    return false
  }

  /** Those of which the store has no upload yet, at or below `prefix`. */
  *unknownToStore(prefix?: S3Address): Generator<UnfinishedUpload> {
    for (const { at, address, size, touchedAt, uploadId } of this.#flights) {
      const asked = prefix === undefined || address === prefix || address.startsWith(`${prefix}/`)
      if (uploadId === undefined && asked) yield { at, address, size, touchedAt }
    }
  }
}
