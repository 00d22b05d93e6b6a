import type { z } from 'zod'
import { deploymentSchema } from '../domain/deployment.js'
import { historyEntrySchema } from '../domain/history.js'
import { modelFileSchema, modelRecordSchema } from '../domain/model-record.js'
import { type Page, toPage } from '../domain/page.js'
import { pageSchema } from '../wire/answers.js'

export const recordPage = pageSchema(modelRecordSchema)
export const deploymentPage = pageSchema(deploymentSchema)
export const historyPage = pageSchema(historyEntrySchema)
export const record = modelRecordSchema
export const recordOrNull = modelRecordSchema.nullable()
export const file = modelFileSchema

/** Reads an answer by its schema; what does not fit is not what a registry answers, and is reported as such. */
export function json<S extends z.ZodType>(schema: S): (response: Response) => Promise<z.output<S>> {
  return async (response) => {
    const parsed = schema.safeParse(await response.json())
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
