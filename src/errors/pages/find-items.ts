import { catalog, causesById } from '../catalog.js'
import { errorCodes } from '../entry.js'
import { type CatalogItem, codeItems, itemOf } from './catalog-items.js'
import { causesWithCode } from './foreign-codes.js'

export interface ItemQuery {
  readonly q?: string | undefined
  readonly category?: CatalogItem['category'] | undefined
  readonly severity?: CatalogItem['severity'] | undefined
  readonly retry?: CatalogItem['retry'] | undefined
  readonly fixable?: boolean | undefined
}

/** Codes where nothing is asked for; codes and causes that fit where something is. */
export function findItems({ q = '', ...facets }: ItemQuery): CatalogItem[] {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean)
  const found = words.length === 0 ? codeItems() : [...named(q.trim()), ...saying(words)]
  const wanted = Object.entries(facets).filter(([, value]) => value !== undefined)
  const kept = found.filter((item) => wanted.every(([facet, value]) => Reflect.get(item, facet) === value))
  return [...new Map(kept.map((item) => [`${item.code}/${item.cause}`, item])).values()]
}

function named(name: string): CatalogItem[] {
  const cause = causesById.get(name.toLowerCase())
  return [...causesWithCode(name), ...(cause === undefined ? [] : [cause])].flatMap((each) =>
    errorCodes
      .filter((code) => catalog[code].causes.includes(each))
      .map((code) => itemOf(catalog[code], each)),
  )
}

function saying(words: readonly string[]): CatalogItem[] {
  const all = Object.values(catalog).flatMap((entry) => {
    const own = [entry.code, entry.className, entry.title, entry.description].join(' ')
    return [
      { text: own, item: itemOf(entry) },
      ...entry.causes.map((cause) => ({
        text: `${entry.code} ${cause.id} ${cause.title}`,
        item: itemOf(entry, cause),
      })),
    ]
  })
  return all
    .filter(({ text }) => words.every((word) => text.toLowerCase().includes(word)))
    .map(({ item }) => item)
}
