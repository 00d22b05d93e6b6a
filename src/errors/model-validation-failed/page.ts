import { step } from '../cause.js'
import { definePage } from '../entry.js'

export const page = definePage({
  retry: { advice: 'never' },
  troubleshooting: [
    step(
      'Read error.context.validationErrors: each problem has its path, what was found and what is allowed.',
    ),
    step('Give a version by Semantic Versioning, such as 1.0.0 or 2.1.3.'),
    step('Give a modelType that is one of lstm, transformer, neural, ensemble.'),
    step(
      'Give inputShape and outputShape as arrays of whole numbers, such as [60, 5], and accuracy from 0 to 1.',
    ),
  ],
})
