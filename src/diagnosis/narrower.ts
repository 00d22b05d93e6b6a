import type { Cause } from '../errors/cause.js'

/** Whether the evidence of the second cause belongs to the first where both are proven. */
export function isNarrower(narrow: Cause, broad: Cause): boolean {
  if (narrow.narrows?.includes(broad.id) === true) return true
  return broad.broad === true && narrow.broad === undefined && narrow.symptom === undefined
}
