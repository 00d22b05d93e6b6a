/** A clock that moves when it is told to. */
export function manualClock(start = Date.parse('2026-01-31T12:00:00Z')) {
  let now = start
  return {
    now: () => now,
    advance(ms: number) {
      now += ms
    },
  }
}
