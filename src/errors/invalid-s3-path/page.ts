import { step } from '../cause.js'
import { definePage } from '../entry.js'

export const page = definePage({
  retry: { advice: 'never' },
  troubleshooting: [
    step('Compare error.context.invalidPath with the form s3://bucket-name/path/to/object.'),
    step(
      'Look for a missing s3:// in front, a missing bucket, a relative part (. or ..) or a character that no store keeps.',
    ),
    step('Leave s3Path out, and the registry chooses an address.'),
  ],
})
