import { type ErrorContext, type Step, step } from './cause.js'

/** More of them make no sentence; all are in `validationErrors`. */
const MOST_SAID = 5

/** Every problem as a clause, up to five and how many more; undefined where there is none. */
export function saidProblems({ validationErrors = [] }: ErrorContext): string | undefined {
  const said = validationErrors
    .slice(0, MOST_SAID)
    .map(({ path, message }) => (path ? `${path}: ${message}` : message))
  const more = validationErrors.length - said.length
  if (said.length < 2) return said[0]
  return `of ${validationErrors.length} problems: ${said.join('; ')}${more > 0 ? `; and ${more} more` : ''}`
}

/** One step for each problem, with the value that seems to be meant, and where to find all of them repaired. */
export function validationSteps({ validationErrors = [], suggestedMetadata }: ErrorContext): readonly Step[] {
  return [
    ...validationErrors.map(({ path, allowed, suggested }) =>
      step(`${path ? `${path}: give` : 'Give'} ${allowed}${meant(suggested)}.`),
    ),
    ...(suggestedMetadata === undefined
      ? []
      : [
          step('Look at error.context.suggestedMetadata (--json shows it): every problem is repaired there.'),
        ]),
  ]
}

/** What is too long for a sentence is in the data. */
function meant(suggested: unknown): string {
  const text = suggested === undefined ? '' : JSON.stringify(suggested)
  return text === '' || text.length > 120 ? '' : `; ${text} seems to be meant`
}
