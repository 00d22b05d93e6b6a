import type { FilePath } from '../domain/file-path.js'
import type { Json } from '../domain/json.js'
import type { S3Address } from '../domain/s3-address.js'

/** What can be read once, in pieces: a Node stream, a generator of bytes. */
export type ByteStream = AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>

/** One file of a model that is to be saved. */
export type ModelPart =
  | {
      readonly is: 'bytes'
      readonly path: FilePath
      readonly mediaType: string
      /** Bytes, where it is known beforehand. */
      readonly size?: number
      /** `again`: `open` may be called more than once. `once`: it is a stream, and gone after the first time. */
      readonly reads: 'once' | 'again'
      readonly open: (signal?: AbortSignal) => AsyncIterable<Uint8Array>
    }
  /** An object that is in the store already; it is looked up and hashed, never copied. */
  | {
      readonly is: 'stored'
      readonly path: FilePath
      readonly mediaType: string
      readonly address: S3Address
    }

/** A source that has to look first: a file, a folder, an address. Made by `fromFile`, `fromFolder`, `fromStored`, `fromParts`. */
export interface PartsSource {
  readonly [partsOf]: () => Promise<readonly ModelPart[]>
}

/** Names the method that gives the parts, so that no property of a user's own object is taken for it. */
export const partsOf: unique symbol = Symbol.for('modelry.partsOf')

/**
 * A TensorFlow.js model, by its shape: `save` is given an IOHandler.
 * https://js.tensorflow.org/api/latest/#tf.LayersModel.save
 */
export interface SavableModel {
  save(handler: { save(artifacts: unknown): Promise<SavedArtifacts> }): Promise<unknown>
}

/** What TensorFlow.js wants to hear of a save: https://js.tensorflow.org/api/latest/#io.SaveResult */
interface SavedArtifacts {
  modelArtifactsInfo: { dateSaved: Date; modelTopologyType: 'JSON' }
}

/** What `saveModel` takes as the model. */
export type ModelSource =
  | Json
  | ArrayBufferView
  | ArrayBuffer
  | Blob
  | ByteStream
  | PartsSource
  | SavableModel
