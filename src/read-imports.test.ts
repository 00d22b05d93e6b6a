import { describe, expect, it } from 'vitest'

import { readImports } from './read-imports.testing.js'

const found = (text: string) => readImports('file.ts', text).map(({ from, kind }) => `${kind} ${from}`)

describe('readImports', () => {
  it('finds imports that span lines, hold comments or name nothing', () => {
    expect(
      found(`
        import {
          a, // from './not-this.js'
          type B,
        } from './many-lines.js'
        import './for-effect.js'
        import * as all from "./double-quotes.js"
        import fallback, { c } from './default.js'; import { d } from './same-line.js'
      `),
    ).toEqual([
      'static ./many-lines.js',
      'static ./for-effect.js',
      'static ./double-quotes.js',
      'static ./default.js',
      'static ./same-line.js',
    ])
  })

  it('tells imports of types from imports of values', () => {
    expect(
      found(`
        import type { A } from './a.js'
        import { type B } from './b.js'
        export type { C } from './c.js'
        export type * from './d.js'
        type E = import('./e.js').E
        let f: typeof import('./f.js')
      `),
    ).toEqual(['type ./a.js', 'static ./b.js', 'type ./c.js', 'type ./d.js', 'type ./e.js', 'type ./f.js'])
  })

  it('finds re-exports, and no import in an export that names no module', () => {
    expect(
      found(`export * from './a.js'\nexport { b as c } from './b.js'\nexport const from = './c.js'`),
    ).toEqual(['static ./a.js', 'static ./b.js'])
  })

  it('finds dynamic imports wherever an expression can stand', () => {
    expect(
      found(
        `
          const open = async () => \`\${(await import('./a.js')).name}\`
          class K { x = import(\`./b.js\`) }
          import(computed)
        `,
      ),
    ).toEqual(['dynamic ./a.js', 'dynamic ./b.js'])
  })

  it('takes no import from a comment, a string, a template or a regular expression', () => {
    expect(
      found(`
        /** @example import { saveModel } from 'modelry' */
        // import './commented.js'
        const text = "import './quoted.js'"
        const page = \`import './templated.js'\`
        const pattern = /import '.\\/matched.js'/
      `),
    ).toEqual([])
  })

  it('says on which line an import stands', () => {
    expect(readImports('file.ts', "\n\nimport './a.js'\n").map(({ line }) => line)).toEqual([3])
  })

  it('refuses a file that does not parse rather than finding nothing in it', () => {
    expect(() => readImports('file.ts', "import { from './a.js'")).toThrow('file.ts does not parse')
  })
})
