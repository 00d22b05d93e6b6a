import type { Outcome } from '../cause.js'
import type { RetryJson } from './catalog-json.js'

/** As a clause: "the same call may be made again, after 5 s". */
export function retryWords({ advice, inMs }: RetryJson): string {
  switch (advice) {
    case 'safe':
      return inMs === undefined
        ? 'the same call may be made again'
        : `the same call may be made again, after ${inMs < 1000 ? `${inMs} ms` : `${Math.ceil(inMs / 1000)} s`}`
    case 'after-fix':
      return 'the same call can succeed once the cause is mended'
    case 'never':
      return 'the same call fails again, so change what it asks for'
  }
}

export const outcomeWords: Readonly<Record<Outcome, string>> = {
  'not-applied': 'what was asked for did not happen',
  applied: 'what was asked for happened',
  unknown: 'whether it took effect is not known: read the state back before making the call again',
}
