import type { FixRule } from '../fix.js'

export const deleteFixes: readonly FixRule[] = [
  {
    code: 'S3_DELETE_FAILED',
    causes: 'all',
    none: 'Whatever keeps an object from being removed (a permission, a lock, a policy) was put there by somebody, and only the owner of the object can say that it may go.',
  },
]
