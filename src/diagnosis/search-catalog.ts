import { catalog } from '../errors/catalog.js'
import type { Cause } from '../errors/cause.js'
import { type ErrorCode, errorCodes } from '../errors/entry.js'
import { type CatalogItem, codeItems, itemOf } from '../errors/pages/catalog-items.js'
import { allCauses } from './read/vocabulary.js'
import { TermIndex } from './search/term-index.js'
import { documentOfCause, documentOfCode, pairs } from './search/terms.js'

/** What an item must be to be kept. */
export interface CatalogFacets {
  readonly category?: CatalogItem['category'] | undefined
  readonly severity?: CatalogItem['severity'] | undefined
  readonly retry?: CatalogItem['retry'] | undefined
  readonly fixable?: boolean | undefined
}

/** Longer queries are pasted texts, which `diagnoseText` reads. */
const MOST_WORDS = 12
/** Words that stand in nearly every sentence. */
const IGNORED = new Set([
  ...'a an and are be by can for from has in is it no not of on or the to was with error failed'.split(' '),
])

/**
 * Finds codes and causes by whatever somebody knows of them: a code, a class, the id of a cause, words of their texts,
 * codes of other systems (`SlowDown`, `23505`, `ECONNREFUSED`, `PGRST301`), beginnings of words, words with a typing
 * error. An item fits when every word of the query does; where none does, when most of them do. The best comes first.
 * Without a query: every code.
 */
export function searchCatalog(query: string, facets: CatalogFacets = {}): CatalogItem[] {
  const words = wordsOf(query)
  const found = words.length === 0 ? codeItems() : namedFirst(ranked(words), query)
  return found.filter((item) => fits(item, facets))
}

function wordsOf(query: string): string[] {
  const words = query
    .toLowerCase()
    .split(/[^\p{L}\p{N}_$]+/u)
    .filter(Boolean)
    .slice(0, MOST_WORDS)
  const telling = words.filter((word) => !IGNORED.has(word))
  return [...new Set(telling.length > 0 ? telling : words)]
}

interface Scored {
  readonly item: CatalogItem
  readonly score: number
  /** How many words of the query fit. */
  readonly fitting: number
  /** Where the cause stands among those of its code: the code that it leads to most often comes first. */
  readonly rank: number
}

function ranked(words: readonly string[]): CatalogItem[] {
  const { codes, causes } = indexes()
  const perWord = words.map((word) => ({ inCodes: codes.find(word), inCauses: causes.find(word) }))
  const scored: Scored[] = []
  for (const code of errorCodes) {
    const scores = perWord.map(({ inCodes }) => inCodes.get(code) ?? 0)
    push(scored, itemOf(catalog[code]), scores, 0)
  }
  for (const [code, cause] of pairs()) {
    const own = perWord.map(({ inCauses }) => inCauses.get(cause) ?? 0)
    // A word that only the code fits finds the code, not each of its causes.
    if (own.every((score) => score === 0)) continue
    const scores = perWord.map(({ inCodes }, index) => own[index] || (inCodes.get(code) ?? 0) / 2)
    push(scored, itemOf(catalog[code], cause), scores, catalog[code].causes.indexOf(cause))
  }
  const most = Math.max(0, ...scored.map(({ fitting }) => fitting))
  const enough = most === words.length ? most : Math.max(1, Math.ceil(words.length / 2))
  return scored
    .filter(({ fitting }) => fitting >= Math.min(most, enough))
    .sort((a, b) => b.fitting - a.fitting || b.score - a.score || a.rank - b.rank)
    .map(({ item }) => item)
}

/** Whoever writes a name out wants what has it. */
function namedFirst(items: readonly CatalogItem[], query: string): CatalogItem[] {
  const name = query.trim().toLowerCase()
  const isNamed = ({ code, cause }: CatalogItem) =>
    cause === undefined
      ? name === code.toLowerCase() || name === catalog[code].className.toLowerCase()
      : name === cause || name === `${code.toLowerCase()}/${cause}`
  return [...items.filter(isNamed), ...items.filter((item) => !isNamed(item))]
}

function push(scored: Scored[], item: CatalogItem, scores: readonly number[], rank: number): void {
  const fitting = scores.filter((score) => score > 0).length
  if (fitting > 0) scored.push({ item, fitting, rank, score: scores.reduce((sum, score) => sum + score, 0) })
}

function fits(item: CatalogItem, { category, severity, retry, fixable }: CatalogFacets): boolean {
  return (
    (category === undefined || item.category === category) &&
    (severity === undefined || item.severity === severity) &&
    (retry === undefined || item.retry === retry) &&
    (fixable === undefined || item.fixable === fixable)
  )
}

interface Indexes {
  readonly codes: TermIndex<ErrorCode>
  readonly causes: TermIndex<Cause>
}

let built: Indexes | undefined

/** Made when it is first asked for. */
function indexes(): Indexes {
  built ??= {
    codes: new TermIndex(errorCodes.map((code) => [code, documentOfCode(code)])),
    causes: new TermIndex([...allCauses()].map((cause) => [cause, documentOfCause(cause)])),
  }
  return built
}
