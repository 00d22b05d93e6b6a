import { shortened, shown } from './text.js'

export interface Column<T> {
  readonly head: string
  readonly cell: (row: T) => string
  readonly align?: 'right'
  /** May be cut to this many characters where the screen is narrow; columns without it are never cut. */
  readonly atLeast?: number
}

/**
 * Rows under their heads, aligned.
 *
 * @param width - columns of the screen; undefined where nothing may be cut.
 */
export function table<T>(columns: readonly Column<T>[], rows: readonly T[], width?: number): string {
  const cells = rows.map((row) => columns.map(({ cell }) => shown(cell(row))))
  const used = columns
    .map((column, index) => ({ column, index }))
    .filter(({ index }) => cells.some((row) => row[index] !== ''))
  const widths = fitted(
    used.map(({ column, index }) => ({
      natural: Math.max(length(column.head), ...cells.map((row) => length(row[index] ?? ''))),
      atLeast: column.atLeast,
    })),
    width,
  )
  const line = (texts: readonly string[]) =>
    used
      .map(({ column, index }, place) => {
        const cut = shortened(texts[index] ?? '', widths[place] ?? 0)
        const space = ' '.repeat((widths[place] ?? 0) - length(cut))
        return column.align === 'right' ? space + cut : cut + space
      })
      .join('  ')
      .trimEnd()
  return [line(columns.map(({ head }) => head)), ...cells.map(line)].join('\n')
}

/** Names and values, one a line, the values aligned; fields without a value are left out. */
export function fields(
  pairs: readonly (readonly [name: string, value: string | undefined])[],
  indent = '',
): string {
  const given = pairs.flatMap(([name, value]) => (value ? [[name, value] as const] : []))
  const width = Math.max(0, ...given.map(([name]) => name.length))
  return given.map(([name, value]) => `${indent}${name.padEnd(width)}  ${shown(value)}`).join('\n')
}

/** Takes what is too much from the widest columns that may be cut. */
function fitted(
  columns: readonly { readonly natural: number; readonly atLeast: number | undefined }[],
  width: number | undefined,
): number[] {
  const widths = columns.map(({ natural }) => natural)
  if (width === undefined) return widths
  let excess = widths.reduce((sum, each) => sum + each, 2 * (widths.length - 1)) - width
  while (excess > 0) {
    let widest = -1
    columns.forEach(({ atLeast }, index) => {
      const now = widths[index] ?? 0
      if (atLeast !== undefined && now > atLeast && now > (widths[widest] ?? 0)) widest = index
    })
    if (widest < 0) break
    widths[widest] = (widths[widest] ?? 0) - 1
    excess--
  }
  return widths
}

function length(text: string): number {
  return [...text].length
}
