import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'

const src = join(import.meta.dirname, '..')
const aCause = z.looseObject({ id: z.string(), evidence: z.looseObject({ is: z.string() }) })

/** An error of the catalog that is made outside of errors/, with the cause that stands beside it. */
export interface Raised {
  readonly at: string
  readonly className: string
  /** The name of the constant; absent where the cause comes from elsewhere. */
  readonly constant?: string
}

/** Every `new …Error(` of the catalog's classes in the sources that are shipped. */
export function raisedErrors(classNames: readonly string[]): Raised[] {
  const made = new RegExp(`new (${classNames.join('|')})\\(`, 'g')
  return shippedSources().flatMap(({ file, text }) =>
    [...text.matchAll(made)].map((match) => {
      const call = callAt(text, match.index + match[0].length - 1)
      const constant = /\breason: (\w+)/.exec(call)?.[1]
      const at = `${file}:${text.slice(0, match.index).split('\n').length}`
      return { at, className: match[1] ?? '', ...(constant === undefined ? {} : { constant }) }
    }),
  )
}

/** The names of all constants that the shipped sources outside of errors/ mention. */
export function mentionedNames(): ReadonlySet<string> {
  // Which cause a validation problem has is told beside the errors.
  const chooser = readFileSync(join(src, 'errors/validation-cause.ts'), 'utf8')
  const texts = [...shippedSources().map(({ text }) => text), chooser]
  return new Set(texts.flatMap((text) => text.match(/\b[a-z]\w+\b/g) ?? []))
}

/** The causes by the name of their constant. */
export async function causeConstants(): Promise<ReadonlyMap<string, z.output<typeof aCause>>> {
  const folder = join(src, 'errors/causes')
  const files = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.includes('.test.'))
  const found = await Promise.all(
    files.map(async (name): Promise<[string, z.output<typeof aCause>][]> => {
      const module: object = await import(pathToFileURL(join(folder, name)).href)
      return Object.entries(module).flatMap(([constant, value]) => {
        const cause = aCause.safeParse(value)
        return cause.success ? [[constant, cause.data]] : []
      })
    }),
  )
  return new Map(found.flat())
}

function shippedSources(): { file: string; text: string }[] {
  return readdirSync(src, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter(
      (file) =>
        file.endsWith('.ts') && !/\.(test|contract|testing)\.ts$|(^|\/)testing\/|^errors\//.test(file),
    )
    .map((file) => ({ file, text: readFileSync(join(src, file), 'utf8') }))
}

/** From the opening parenthesis to the one that closes it. */
function callAt(text: string, open: number): string {
  let depth = 0
  for (let at = open; at < text.length; at++) {
    if (text[at] === '(') depth++
    else if (text[at] === ')' && --depth === 0) return text.slice(open, at + 1)
  }
  return text.slice(open)
}
