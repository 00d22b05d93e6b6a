import { lexer, type Token, type Tokens } from 'marked'
import type { Paint } from './paint.js'

/** A piece of a line: what is seen of it, and that with colours. */
interface Piece {
  readonly seen: string
  readonly painted: string
}

/** Markdown as it reads on a terminal of that many columns: headings, lists, tables, commands to copy. */
export function markdownText(markdown: string, paint: Paint, width: number): string {
  return lines(lexer(markdown), paint, width)
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .replace(/^\n+|\s+$/g, '')
}

function lines(tokens: readonly Token[], paint: Paint, width: number): string[] {
  return tokens.flatMap((token) => {
    switch (token.type) {
      case 'heading':
        return ['', ...filled(inline(token.tokens ?? [], paint), width).map(paint.strong), '']
      case 'paragraph':
      case 'text':
        return [...filled(inline(token.tokens ?? [token], paint), width), '']
      case 'code':
        return [...commandLines(token.text, token.lang, paint), '']
      case 'list':
        return [...listLines(token as Tokens.List, paint, width), '']
      case 'table':
        return [...tableLines(token as Tokens.Table, paint, width), '']
      default:
        // Comments and blank lines; the pages have nothing else.
        return []
    }
  })
}

function commandLines(text: string, language: string | undefined, paint: Paint): string[] {
  return text.split('\n').map((line) => `  ${paint.command(language === 'sh' ? `$ ${line}` : line)}`)
}

function listLines(list: Tokens.List, paint: Paint, width: number): string[] {
  return list.items.flatMap((item, index) => {
    const mark = list.ordered ? `${Number(list.start) + index}. ` : '- '
    const indent = ' '.repeat(mark.length + 2)
    const inside = lines(item.tokens, paint, width - indent.length).filter(
      (line, at, all) => line !== '' || (all[at + 1]?.trim() ?? '') !== '',
    )
    return inside
      .filter((line) => line !== '')
      .map((line, at) => (at === 0 ? `  ${mark}${line}` : `${indent}${line}`))
  })
}

/** The last column takes what is left and is broken; where too little is left, it goes below the first. */
function tableLines(table: Tokens.Table, paint: Paint, width: number): string[] {
  const rows = [table.header, ...table.rows].map((row) => row.map((cell) => inline(cell.tokens, paint)))
  const named = rows[0]?.some((cell) => cell.length > 0) === true
  const shown = named ? rows : rows.slice(1)
  const columns = table.header.length
  const widths = Array.from({ length: columns - 1 }, (_, at) =>
    Math.max(...shown.map((row) => seenLength(row[at] ?? []))),
  )
  const before = widths.reduce((sum, each) => sum + each + 2, 2)
  const stacked = before > width / 2
  return shown.flatMap((row, index) => {
    const heads = row.slice(0, -1)
    const last = filled(row.at(-1) ?? [], width - (stacked ? 6 : before))
    const bold = named && index === 0 ? paint.quiet : (text: string) => text
    if (stacked)
      return [
        ...heads.flatMap((cell) => filled(cell, width - 2)).map((line) => `  ${bold(line)}`),
        ...last.map((line) => `      ${bold(line)}`),
      ]
    const start = heads
      .map((cell, at) => `${paintedText(cell)}${' '.repeat((widths[at] ?? 0) - seenLength(cell))}  `)
      .join('')
    return (last.length === 0 ? [''] : last).map((line, at) =>
      `  ${bold(at === 0 ? `${start}${line}` : `${' '.repeat(before - 2)}${line}`)}`.trimEnd(),
    )
  })
}

function inline(tokens: readonly Token[], paint: Paint): Piece[] {
  return tokens.flatMap((token) => inlineOf(token, paint))
}

function inlineOf(token: Token, paint: Paint): Piece[] {
  switch (token.type) {
    case 'strong':
      return styled(inline(token.tokens ?? [], paint), paint.strong)
    case 'em':
      return inline(token.tokens ?? [], paint)
    case 'codespan':
      return words(plainText(token.text), paint.command)
    case 'link':
      return linkPieces(token as Tokens.Link, paint)
    case 'html':
      return []
    default:
      return 'tokens' in token && token.tokens !== undefined
        ? inline(token.tokens, paint)
        : words(plainText('text' in token ? String(token.text) : ''), (text) => text)
  }
}

/** A page elsewhere is shown with its address; what is linked inside of the manual has its name as its text. */
function linkPieces({ href, tokens, text }: Tokens.Link, paint: Paint): Piece[] {
  if (!/^https?:/.test(href)) return inline(tokens, paint)
  if (text === href) return words(href, paint.quiet)
  return [...inline(tokens, paint), ...words(`: ${href}`, paint.quiet)]
}

/** marked leaves entities such as `&lt;` in some texts. */
function plainText(text: string): string {
  const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', '#39': "'" }
  return text.replace(/&(lt|gt|amp|quot|#39);/g, (whole, name: string) => named[name] ?? whole)
}

/** Spaces are pieces of their own, so that a line is broken at them alone. */
function words(text: string, style: (text: string) => string): Piece[] {
  return text
    .split(/(\s+)/)
    .filter((part) => part !== '')
    .map((part) => (/^\s/.test(part) ? { seen: ' ', painted: ' ' } : { seen: part, painted: style(part) }))
}

function styled(pieces: readonly Piece[], style: (text: string) => string): Piece[] {
  return pieces.map(({ seen, painted }) => ({ seen, painted: seen === ' ' ? ' ' : style(painted) }))
}

/** Breaks at spaces; a word that is longer than the width keeps its line. */
function filled(pieces: readonly Piece[], width: number): string[] {
  const result: string[] = []
  let line: Piece[] = []
  let word: Piece[] = []
  const endWord = () => {
    if (word.length === 0) return
    if (line.length > 0 && seenLength(line) + 1 + seenLength(word) > width) {
      result.push(paintedText(line))
      line = []
    }
    if (line.length > 0) line.push({ seen: ' ', painted: ' ' })
    line.push(...word)
    word = []
  }
  for (const piece of pieces) {
    if (piece.seen === ' ') endWord()
    else word.push(piece)
  }
  endWord()
  return line.length > 0 ? [...result, paintedText(line)] : result
}

function seenLength(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { seen }) => sum + [...seen].length, 0)
}

function paintedText(pieces: readonly Piece[]): string {
  return pieces.map(({ painted }) => painted).join('')
}
