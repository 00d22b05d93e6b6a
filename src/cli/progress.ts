import { bytesPassed } from '../domain/sweep.js'
import type { TransferProgress } from '../registry/registry.js'
import type { Session } from './session.js'
import { size } from './text.js'

/** Transfers that end before are not worth a bar. */
const SHOW_AFTER_MS = 500
/** Characters of the bar. */
const BAR = 24

/**
 * A progress bar on standard error while `work` runs: only on a terminal, and only when the transfer takes a while.
 * With a bar or without, what the transfer leaves in memory is swept away as it goes.
 *
 * @param what - what is going on, such as `saving`.
 */
export async function withProgress<T>(
  session: Session,
  what: string,
  work: (onProgress: (progress: TransferProgress) => void) => Promise<T>,
): Promise<T> {
  const { stderr } = session.terminal
  let latest: TransferProgress = { bytes: 0 }
  const note = (progress: TransferProgress) => {
    // Fewer than before: a transfer that was begun anew.
    bytesPassed(Math.max(0, progress.bytes - latest.bytes))
    latest = progress
  }
  if (!stderr.isTTY) return work(note)
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
      note(progress)
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
