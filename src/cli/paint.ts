import { styleText } from 'node:util'
import type { Output, Terminal } from './terminal.js'

/** Colours by what they mean; every one gives the text back as it is where there are no colours. */
export interface Paint {
  readonly strong: (text: string) => string
  readonly quiet: (text: string) => string
  readonly good: (text: string) => string
  readonly bad: (text: string) => string
  readonly command: (text: string) => string
}

const as =
  (format: Parameters<typeof styleText>[0]) =>
  (text: string): string =>
    styleText(format, text, { validateStream: false })
const asItIs = (text: string): string => text

const colours: Paint = {
  strong: as('bold'),
  quiet: as('dim'),
  good: as('green'),
  bad: as(['bold', 'red']),
  command: as('cyan'),
}

export const plain: Paint = { strong: asItIs, quiet: asItIs, good: asItIs, bad: asItIs, command: asItIs }

/** Colours only on a terminal, unless `NO_COLOR` (https://no-color.org) or `--no-color` is given; `FORCE_COLOR` brings them. */
export function paintFor(output: Output, env: Terminal['env'], wanted: { readonly color: boolean }): Paint {
  if (!wanted.color || env.NO_COLOR) return plain
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR === '0' ? plain : colours
  return output.isTTY && env.TERM !== 'dumb' ? colours : plain
}
