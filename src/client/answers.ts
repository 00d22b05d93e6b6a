import { z } from 'zod'
import { deploymentSchema } from '../domain/deployment.js'
import { filePathProblem } from '../domain/file-path.js'
import { historyEntrySchema } from '../domain/history.js'
import { isModelId } from '../domain/model-id.js'
import { modelFileSchema, modelRecordSchema } from '../domain/model-record.js'
import { type Page, toPage } from '../domain/page.js'
import { isVersion } from '../domain/version.js'
import { pageSchema } from '../wire/answers.js'
import { boundedText } from './bounded-text.js'

/** A server may be anybody's: what it names is parsed before it is written to a disk or shown in a terminal. */
export const file = modelFileSchema.extend({
  path: modelFileSchema.shape.path.refine(
    (path) => filePathProblem(path) === undefined,
    'not the path of a file',
  ),
})
export const record = modelRecordSchema.extend({
  modelId: modelRecordSchema.shape.modelId.refine(isModelId, 'not the name of a model'),
  version: modelRecordSchema.shape.version.refine(isVersion, 'not a version'),
  files: z.array(file),
})
export const recordOrNull = record.nullable()
export const recordPage = pageSchema(record)
export const deploymentPage = pageSchema(deploymentSchema)
export const historyPage = pageSchema(historyEntrySchema)

/** Reads an answer by its schema; what does not fit is not what a registry answers, and is reported as such. */
export function json<S extends z.ZodType>(schema: S): (response: Response) => Promise<z.output<S>> {
  return async (response) => {
    const parsed = schema.safeParse(JSON.parse(await boundedText(response)))
    if (parsed.success) return parsed.data
    const [issue] = parsed.error.issues
    throw new TypeError(`the answer is not as expected at ${issue?.path.join('.')}: ${issue?.message}`)
  }
}

export function page<T>(schema: z.ZodType<{ items: T[]; nextCursor?: string | undefined }>) {
  const read = json(schema)
  return async (response: Response): Promise<Page<T>> => {
    const { items, nextCursor } = await read(response)
    return toPage(items, nextCursor)
  }
}

/** An answer without a body. */
export async function nothing(response: Response): Promise<void> {
  await response.body?.cancel()
}
