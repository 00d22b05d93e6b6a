import type { FixRule } from '../fix.js'

export const validationFixes: readonly FixRule[] = [
  {
    code: 'MODEL_VALIDATION_FAILED',
    causes: 'all',
    none: "The values are the caller's to correct, and are never changed without being asked: context.suggestedMetadata has them repaired, where that can be told.",
  },
]
