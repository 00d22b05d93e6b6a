import type { UnfinishedUpload } from '../../../ports/artifact-store.js'

/** A put that is under way in this process. */
export interface Flight {
  readonly at: string
  size: number
  touchedAt: Date
  /** From when it exists, the store lists the upload itself. */
  uploadId?: string
}

/** The puts that this process has under way: of a small object, the store knows nothing before its last byte. */
export class Flights {
  readonly #flights = new Set<Flight>()

  begin(at: string): Flight {
    const flight: Flight = { at, size: 0, touchedAt: new Date() }
    this.#flights.add(flight)
    return flight
  }

  end(flight: Flight): void {
    this.#flights.delete(flight)
  }

  /** Those of which the store has no upload yet. */
  *unknownToStore(): Generator<UnfinishedUpload> {
    for (const { at, size, touchedAt, uploadId } of this.#flights)
      if (uploadId === undefined) yield { at, size, touchedAt }
  }
}
