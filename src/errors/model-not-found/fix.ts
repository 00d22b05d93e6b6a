import type { FixRule } from '../fix.js'

export const notFoundFixes: readonly FixRule[] = [
  {
    code: 'MODEL_NOT_FOUND',
    causes: 'all',
    none: 'Nothing can be made up in place of a model that is not there: context.didYouMean has the names that are near, and context.availableVersions those that exist.',
  },
]
