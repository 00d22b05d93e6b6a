import { defineCause, knownToRegistry, step } from '../cause.js'

/** No known cause fits the evidence. */
export const unknownCause = defineCause({
  id: 'unknown',
  title: 'Cause not known',
  because: () => 'of a cause that modelry does not know',
  evidence: knownToRegistry,
  retry: 'after-fix',
  steps: () => [
    step('Read the error underneath, in error.cause, and report it with its stack if it is not clear.'),
  ],
  source: 'modelry',
})
