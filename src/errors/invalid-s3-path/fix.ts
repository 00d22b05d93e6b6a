import type { FixRule } from '../fix.js'

export const invalidPathFixes: readonly FixRule[] = [
  {
    code: 'INVALID_S3_PATH',
    causes: 'all',
    none: "The address is the caller's to correct, and is never changed without being asked: context.suggestedPath has what it seems to mean, where that can be told.",
  },
]
