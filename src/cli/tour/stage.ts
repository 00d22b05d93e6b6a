import type { Paint } from '../paint.js'
import { shown, wrapped } from '../text.js'

/** Where the tour says what it does: a screen, or nowhere when only its report is wanted. */
export interface Stage {
  /** Begins the next step. */
  step(title: string): void
  /** Prose. */
  say(text: string): void
  /** A command that does what follows. */
  command(text: string): void
  /** Lines that keep their form: a table. */
  block(text: string): void
  /** The guide of an error: lines that are broken where they are too long, each with its own indent. */
  guide(text: string): void
}

export function screen(print: (line: string) => void, paint: Paint, width: number): Stage {
  let steps = 0
  return {
    step: (title) => print(`\n${paint.strong(`${++steps}. ${title}`)}`),
    say: (text) => print(wrapped(text, Math.min(width, 100), '   ')),
    command: (text) => print(`   ${paint.command(`$ ${text}`)}`),
    block: (text) => {
      for (const line of text.split('\n')) print(line === '' ? '' : `     ${shown(line)}`)
    },
    guide: (text) => {
      print('')
      for (const line of text.split('\n')) print(indented(shown(line), Math.min(width, 100)))
      print('')
    },
  }
}

/** A command stays whole, so that it can be pasted; the lines of a numbered step stand under its text. */
function indented(line: string, width: number): string {
  if (/^ *\$ /.test(line)) return `     ${line}`
  const [indent = '', number = ''] = /^( *)(\d+\. )?/.exec(line)?.slice(1) ?? []
  return wrapped(line, width, `     ${indent}`, `     ${indent}${' '.repeat(number.length)}`)
}

const silent = () => {}
export const nowhere: Stage = { step: silent, say: silent, command: silent, block: silent, guide: silent }
