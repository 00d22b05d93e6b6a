import type { LabelledText } from '../../src/diagnosis/corpus.testing.ts'

/** A log of that many bytes: the lines of a service at work, and in between those of every text of the corpus. */
export function logOf(corpus: readonly LabelledText[], bytes: number): string {
  const failures = corpus.flatMap(({ text }) => text.split('\n'))
  const lines: string[] = []
  for (let length = 0, index = 0; length < bytes; index++) {
    const line =
      index % 12 === 11
        ? (failures[index % failures.length] ?? '')
        : `2026-01-01T00:00:${String(index % 60).padStart(2, '0')}.000Z INFO [api] request ${index} took ${index % 97} ms path=/api/models/m${index % 50} status=200`
    lines.push(line)
    length += line.length + 1
  }
  return lines.join('\n').slice(0, bytes)
}
