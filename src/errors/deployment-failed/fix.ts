import { filesMissing, transactionFailed } from '../causes/registry.js'
import type { FixRule } from '../fix.js'

export const deploymentFixes: readonly FixRule[] = [
  { code: 'DEPLOYMENT_FAILED', causes: [transactionFailed, filesMissing], underneath: true },
]
