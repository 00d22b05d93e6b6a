import { type ErrorContext, type Step, step } from './cause.js'

/** One step for each problem, with the value that seems to be meant, and where to find all of them repaired. */
export function validationSteps({ validationErrors = [], suggestedMetadata }: ErrorContext): readonly Step[] {
  return [
    ...validationErrors.map(({ path, allowed, suggested }) =>
      step(`${path || 'value'}: give ${allowed}${meant(suggested)}.`),
    ),
    ...(suggestedMetadata === undefined
      ? []
      : [step('Look at error.context.suggestedMetadata: it has the metadata with every problem repaired.')]),
  ]
}

/** What is too long for a sentence is in the data. */
function meant(suggested: unknown): string {
  const text = suggested === undefined ? '' : JSON.stringify(suggested)
  return text === '' || text.length > 120 ? '' : `; ${text} seems to be meant`
}
