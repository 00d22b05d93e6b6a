import type { DestinationStream } from 'pino'

/** In characters. A pipe holds 64 KiB by default (pipe(7)), and whoever writes more than it takes waits for its reader. */
const AT_MOST = 8_192
const FOR_MS = 200

/** Lines that wait to be written together. */
export interface GatheredLines extends DestinationStream {
  /** Writes out what is still held. */
  flush(): void
}

/**
 * Gathers lines for a moment, since a write for each would cost as much as the answer that it tells of. The `minLength` of
 * pino's own destination counts the bytes of all that it holds again with each line.
 */
export function gatherLines(to: DestinationStream): GatheredLines {
  let held = ''
  let timer: NodeJS.Timeout | undefined
  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    if (held === '') return
    const text = held
    held = ''
    to.write(text)
  }
  return {
    write(line) {
      held += line
      if (held.length >= AT_MOST) flush()
      else timer ??= setTimeout(flush, FOR_MS).unref()
    },
    flush,
  }
}
