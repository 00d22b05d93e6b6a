/**
 * Text as it is compared in a search: case and the ways to write the same character do not count. A final sigma is a
 * matter of place, so that a part of a word must not depend on it. NUL ends a text in SQLite's full-text queries.
 */
export function foldText(text: string): string {
  return text.normalize('NFC').toLowerCase().replaceAll('ς', 'σ').replaceAll('\0', '\uFFFD')
}

/** What a text search looks in: the name, the description and the tags of a version. */
export function searchText(
  modelId: string,
  description: string | null | undefined,
  tags: Readonly<Record<string, string>> | undefined,
): string {
  const lines = Object.entries(tags ?? {}).map(([name, value]) => `${name}=${value}`)
  return foldText([modelId, description ?? '', ...lines].join('\n'))
}
