import type { $brand } from 'zod'
import { refuse } from './refuse.js'
import { isPortableName } from './relative-path.js'

/** The name of a model: letters, digits, `.`, `_`, `-`, at most 128, with at most one `namespace/` before it. */
export type ModelId = string & $brand<'ModelId'>

const PART = '[A-Za-z0-9][A-Za-z0-9._-]{0,127}'
const MODEL_ID = new RegExp(`^(?:${PART}/)?${PART}$`)

export const MODEL_ID_RULE =
  'letters, digits, ".", "_" and "-", starting with a letter or digit, at most 128 characters, with at most one "namespace/" before it, and no ".." or final "."'

/**
 * ASCII only, so that two names that look alike are alike, byte for byte. A name is part of keys, and with the file
 * driver of folder names, so that what no folder can be called everywhere (`con`, `a.`) is no name either.
 */
export function isModelId(text: string): text is ModelId {
  return MODEL_ID.test(text) && !text.includes('..') && text.split('/').every(isPortableName)
}

/** @throws ModelValidationError */
export function parseModelId(text: unknown): ModelId {
  if (typeof text === 'string' && isModelId(text)) return text
  throw refuse('modelId', text, MODEL_ID_RULE)
}

/** Equal for names that differ only in case, which cannot both exist: folders on some disks ignore case. */
export function foldModelId(modelId: ModelId): string {
  return modelId.toLowerCase()
}
