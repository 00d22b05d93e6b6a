import type { ModelId } from '../domain/model-id.js'
import type { Sha256 } from '../domain/sha256.js'
import type { NameRow, TransferRow } from '../domain/transfer-row.js'
import type { Version } from '../domain/version.js'

/** The rows of one name, as often as they are asked for: a `model` row first. */
export type ReadNameRows = () => AsyncIterable<NameRow>

/** What a store has of the name whose rows it was shown. */
export type Comparison =
  /** Nothing: no version, no deployment, no history. */
  | { readonly is: 'new' }
  /** It was imported before: every version of the rows is there, the very same, though it may have changed since. */
  | { readonly is: 'present' }
  /**
   * Others: `version` with `existing`, where the rows have `offered` under that version, or nothing. Without `version`
   * the store has no version of the name, but a history that is not that of the rows.
   */
  | {
      readonly is: 'clash'
      readonly version?: Version
      readonly existing?: Sha256
      readonly offered?: Sha256
    }
  /** A model exists whose name differs only in case. */
  | { readonly is: 'name-clash'; readonly existing: ModelId }

export type Import =
  /** `renumbered`: ids or sequences of the rows were taken, and all of that kind were moved behind those that are there. */
  | { readonly is: 'imported'; readonly renumbered: boolean }
  | Exclude<Comparison, { is: 'new' }>
  /** What was written did not read back as it was given; nothing was kept. */
  | { readonly is: 'altered'; readonly expected: string; readonly actual: string }

/** Reading and writing all that a registry knows, exactly. */
export interface MetadataTransfer {
  /**
   * Reads everything as it is at one moment, which is that of the first row at the latest, whatever is written meanwhile.
   * Rows come as they are read.
   *
   * @param only - the one name to read; all names, and the tokens, without it.
   */
  exportRows<T>(
    read: (rows: AsyncIterable<TransferRow>) => Promise<T>,
    only?: { readonly modelId: ModelId },
  ): Promise<T>
  compareRows(rows: ReadNameRows): Promise<Comparison>
  /**
   * Writes the rows of one name, where the store has nothing of it: with their numbers, times, and links, in one
   * transaction, and read back before it ends. The rows are read several times.
   *
   * What `rows` throws is thrown as it is, and then nothing is written.
   */
  importRows(rows: ReadNameRows): Promise<Import>
}
