import type { TransferProgress } from '../registry/registry.js'
import type { Session } from './session.js'
import { size } from './text.js'

/** Transfers that end before are not worth a bar. */
const SHOW_AFTER_MS = 500

/**
 * A progress bar on standard error while `work` runs: only on a terminal, and only when the transfer takes a while.
 *
 * @param what - what is going on, such as `saving`.
 */
export async function withProgress<T>(
  session: Session,
  what: string,
  work: (onProgress: (progress: TransferProgress) => void) => Promise<T>,
): Promise<T> {
  const { stderr } = session.terminal
  if (!stderr.isTTY) return work(() => {})
  let latest: TransferProgress = { bytes: 0 }
  let show: ((progress: TransferProgress) => void) | undefined
  let bar: { stop(): void } | undefined
  let over = false
  const timer = setTimeout(async () => {
    const { SingleBar } = await import('cli-progress')
    if (over) return
    const made = new SingleBar({
      stream: stderr,
      format: `${what} {file} [{bar}] {amount}`,
      barsize: 24,
      hideCursor: true,
      clearOnComplete: true,
    })
    made.start(1, 0, payload(latest))
    show = (progress) => {
      made.setTotal(Math.max(1, progress.totalBytes ?? progress.bytes))
      made.update(progress.bytes, payload(progress))
    }
    bar = made
  }, SHOW_AFTER_MS)
  try {
    return await work((progress) => {
      latest = progress
      show?.(progress)
    })
  } finally {
    over = true
    clearTimeout(timer)
    bar?.stop()
  }
}

function payload({ bytes, totalBytes, file = '' }: TransferProgress): { file: string; amount: string } {
  return { file, amount: totalBytes === undefined ? size(bytes) : `${size(bytes)} of ${size(totalBytes)}` }
}
