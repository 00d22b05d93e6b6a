import { parseModelId } from '../domain/model-id.js'
import { filesOfText, type ModelRecord, parseRecordText, type RecordText } from '../domain/model-record.js'
import { refuse } from '../domain/refuse.js'
import { parseVersionRef } from '../domain/version-ref.js'
import type { RegistryDeps } from './deps.js'
import { isRefusal } from './outage.js'
import type { GetOptions } from './registry.js'
import { verifyContent, verifyPresence } from './verify-files.js'

/** @see Registry.getModel */
export async function getModel(
  deps: RegistryDeps,
  modelId: string,
  version: string,
  options: GetOptions = {},
): Promise<ModelRecord | null> {
  const record = await deps.metadata.findVersion(parseModelId(modelId), parseVersionRef(version))
  if (record === undefined) return null
  await verify(deps, { ...record, whole: record }, options)
  return record
}

/** @see Engine.texts */
export async function getModelText(
  deps: RegistryDeps,
  modelId: string,
  version: string,
  options: GetOptions = {},
): Promise<RecordText | null> {
  const text = await deps.metadata.texts.findVersion(parseModelId(modelId), parseVersionRef(version))
  if (text === undefined) return null
  await verify(deps, new VerifiedText(text), options)
  return text
}

/** As much of a record as its verification looks at. */
interface Verified extends Pick<ModelRecord, 'modelId' | 'version' | 'files'> {
  readonly whole: ModelRecord
}

/** Parses the files, and all of it only where that is asked for: for an error, or to read what is in the files. */
class VerifiedText implements Verified {
  readonly #text: RecordText
  #parsed: ModelRecord | undefined

  constructor(text: RecordText) {
    this.#text = text
  }

  get files(): ModelRecord['files'] {
    return filesOfText(this.#text)
  }

  get whole(): ModelRecord {
    this.#parsed ??= parseRecordText(this.#text)
    return this.#parsed
  }

  get modelId() {
    return this.whole.modelId
  }

  get version() {
    return this.whole.version
  }
}

/** @throws S3DownloadError */
async function verify(deps: RegistryDeps, record: Verified, options: GetOptions): Promise<void> {
  switch (options.verify) {
    case undefined:
      // Reading metadata goes on while the store is away; whoever asks for the check by its name gets it or an error.
      try {
        await verifyPresence(deps, record)
      } catch (error) {
        if (!isRefusal(error)) throw error
      }
      break
    case 'none':
      break
    case 'exists':
      await verifyPresence(deps, record)
      break
    case 'content':
      await verifyContent(deps, record.whole, options)
      break
    default:
      throw refuse('verify', options.verify, 'one of exists, content, none', 'getModel')
  }
}
