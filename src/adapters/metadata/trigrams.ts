/** More groups of three characters than this hardly narrow the candidates down. */
const MOST_TRIGRAMS = 12

/** Groups of three characters that lie next to each other in `text`, spread evenly over it, each once. */
export function trigramsOf(text: string): string[] {
  const characters = [...text]
  const last = characters.length - 3
  const step = Math.max(1, last / (MOST_TRIGRAMS - 1))
  const trigrams = new Set<string>()
  for (let at = 0; at <= last; at += step) {
    const start = Math.round(at)
    trigrams.add(characters.slice(start, start + 3).join(''))
  }
  return [...trigrams]
}
