import { spawnSync } from 'node:child_process'
import { onTestFinished } from 'vitest'

/**
 * Mounts an empty file system of `size` (as mount(8) takes it, such as `1m`) on a folder until the test has finished.
 *
 * @returns why that could not be done, for the test to be skipped with; undefined when it was.
 */
export function mountMemory(folder: string, size: string): string | undefined {
  if (process.getuid?.() !== 0) return 'only root may mount a file system'
  const reason = mount('-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder)
  if (reason !== undefined) return reason
  // Lazily, since a test may end while the last descriptor is being closed.
  onTestFinished(() => void spawnSync('/usr/bin/env', ['umount', '--lazy', folder]))
  return undefined
}

export function remountReadOnly(folder: string): string | undefined {
  return mount('-o', 'remount,ro', folder)
}

function mount(...args: readonly string[]): string | undefined {
  const { status, stderr } = spawnSync('/usr/bin/env', ['mount', ...args], { encoding: 'utf8' })
  return status === 0 ? undefined : `this machine does not allow it: ${stderr}`
}
