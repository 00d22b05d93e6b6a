/**
 * Keeps a lease alive while work goes on: renews it three times per lease, and ends the work through its signal when the
 * lease is lost. A renewal that fails (the database is away) is tried again while the lease lasts.
 */
export async function withHeartbeat<T>(
  lease: { readonly leaseMs: number; readonly renew: () => Promise<boolean>; readonly onLost: () => unknown },
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const lost = new AbortController()
  let renewedAt = performance.now()
  const timer = setInterval(() => {
    lease.renew().then(
      (held) => {
        if (held) renewedAt = performance.now()
        else lost.abort(lease.onLost())
      },
      () => {
        // The next beat tries again; past the lease nobody can say that it is still held.
        if (performance.now() - renewedAt > lease.leaseMs) lost.abort(lease.onLost())
      },
    )
  }, lease.leaseMs / 3)
  timer.unref()
  try {
    return await work(signal === undefined ? lost.signal : AbortSignal.any([signal, lost.signal]))
  } finally {
    clearInterval(timer)
  }
}
