import { execFileSync } from 'node:child_process'

/** Makes a named pipe, which Node cannot. Opening one to read waits for a writer. POSIX only. */
export function makeFifo(path: string): void {
  execFileSync('/usr/bin/env', ['mkfifo', path])
}
