import type { ModelFile } from '../domain/model-record.js'
import { isModelRegistryError } from '../errors/model-registry-error.js'
import { createError } from '../errors/revive.js'
import type { Connection } from './connection.js'
import { uploadDirect } from './upload-direct.js'
import { type BytesPart, type Upload, type UploadFileOptions, uploadFile } from './upload-file.js'

/** Sends one file of a save: directly to the store where that can be, through the server otherwise. @throws S3UploadError */
export async function sendFile(
  connection: Connection,
  upload: Upload,
  part: BytesPart,
  options: UploadFileOptions,
): Promise<ModelFile> {
  const direct = await uploadDirect(connection, upload, part, options)
  if (direct.is === 'stored') return direct.file
  try {
    return await uploadFile(connection, upload, direct.part, options)
  } catch (error) {
    throw direct.why === undefined ? error : bothFailed(error, direct.why)
  }
}

/** Why the direct way was not taken is told only where the other one ended badly too. */
function bothFailed(error: unknown, why: string): unknown {
  if (!isModelRegistryError(error)) return error
  const { code, context, reason, outcome, cause, leftovers } = error
  const message = `${error.message} Before that, it was tried to send it directly to the store: ${why}.`
  return createError(code, { ...context, direct: why }, { reason, outcome, cause, leftovers, message })
}
