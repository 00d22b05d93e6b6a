import type { TransferProgress } from '../registry/registry.js'
import type { Session } from './session.js'
import { size } from './text.js'

/** Transfers that end before are not worth a bar. */
const SHOW_AFTER_MS = 500
/** Characters of the bar. */
const BAR = 24

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
      format: (_options, { progress }, transfer: TransferProgress) => lineOf(what, progress, transfer),
      hideCursor: true,
      clearOnComplete: true,
    })
    made.start(totalOf(latest), latest.bytes, latest)
    show = (progress) => {
      made.setTotal(totalOf(progress))
      made.update(progress.bytes, progress)
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

/** A stream that does not say how long it is has no bar. */
function lineOf(what: string, part: number, { bytes, totalBytes, file = '' }: TransferProgress): string {
  if (totalBytes === undefined) return `${what} ${file} ${size(bytes)}`
  const full = Math.round(part * BAR)
  return `${what} ${file} [${'='.repeat(full)}${'-'.repeat(BAR - full)}] ${size(bytes)} of ${size(totalBytes)}`
}

function totalOf({ bytes, totalBytes }: TransferProgress): number {
  return Math.max(1, totalBytes ?? bytes)
}
