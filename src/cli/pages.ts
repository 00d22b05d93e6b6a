import type { Command } from 'commander'
import type { Page } from '../domain/page.js'
import { type Options, wholeNumber } from './options.js'
import type { Session } from './session.js'

/** Declares how a listing is paged. */
export function pagingOptions(command: Command): Command {
  return command
    .option('--limit <number>', 'how many to list at most, 1 to 1000 (default 100)', wholeNumber)
    .option('--cursor <cursor>', 'where the next page starts, as the page before gave it')
    .option('--all', 'list every page')
}

export interface Listing<T> {
  readonly items: readonly T[]
  readonly nextCursor?: string
}

/** The page that the options ask for, or all pages from there on. */
export async function collect<T>(
  session: Session,
  options: Options,
  list: (page: { readonly limit?: number; readonly cursor?: string }) => Promise<Page<T>>,
): Promise<Listing<T>> {
  const all = options.is('all')
  const limit = options.number('limit') ?? (all ? 1000 : undefined)
  const items: T[] = []
  let cursor = options.text('cursor')
  do {
    session.signal.throwIfAborted()
    const page = await list({
      ...(limit === undefined ? {} : { limit }),
      ...(cursor === undefined ? {} : { cursor }),
    })
    items.push(...page)
    cursor = page.nextCursor
  } while (all && cursor !== undefined)
  return cursor === undefined ? { items } : { items, nextCursor: cursor }
}

/** The line under a listing that has more pages. */
export function moreLine<T>({ nextCursor }: Listing<T>): string {
  return nextCursor === undefined ? '' : `\n\nThere are more: add --all, or --cursor ${nextCursor}`
}
