import { z } from 'zod'
import { searchCatalog } from '../diagnosis/search-catalog.js'
import { errorCodes } from '../errors/entry.js'
import { type CatalogItem, categories, retryAdvices, severities } from '../errors/pages/catalog-items.js'

/** A select of a form that was left as it was sends an empty value. */
const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema.optional())

/** What `/errors` and `/api/errors` can be asked for. */
export const catalogQuerySchema = z.object({
  q: z.string().max(200).optional().meta({ description: 'Codes, causes, words, or codes of other systems.' }),
  category: optional(z.enum(categories)),
  severity: optional(z.enum(severities)),
  retry: optional(z.enum(retryAdvices)),
  fixable: optional(z.enum(['yes', 'no'])).meta({ description: 'Whether a repair that runs exists.' }),
})
export type CatalogQuery = z.output<typeof catalogQuerySchema>

const itemSchema = z.object({
  code: z.enum(errorCodes),
  cause: z.string().optional().meta({ description: 'Absent where the code itself is meant.' }),
  title: z.string(),
  category: z.string(),
  severity: z.string(),
  retry: z.enum(retryAdvices),
  fixable: z.boolean(),
})
export const foundSchema = z.object({ items: z.array(itemSchema) })

export function findInCatalog({ q = '', fixable, ...facets }: CatalogQuery): CatalogItem[] {
  return searchCatalog(q, { ...facets, fixable: fixable === undefined ? undefined : fixable === 'yes' })
}
