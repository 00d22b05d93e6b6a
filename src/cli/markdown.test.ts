import { describe, expect, it } from 'vitest'
import { markdownText } from './markdown.js'
import { plain } from './paint.js'

const text = (markdown: string, width = 40) => markdownText(markdown, plain, width)

describe('Markdown on a terminal', () => {
  it('breaks prose at the width and never in a word', () => {
    const shown = text('One two three four five six seven eight nine ten eleven.', 20)
    expect(shown.split('\n').every((line) => line.length <= 20)).toBe(true)
    expect(shown.replaceAll('\n', ' ')).toBe('One two three four five six seven eight nine ten eleven.')
    expect(text('a-word-that-is-longer-than-the-width', 10)).toBe('a-word-that-is-longer-than-the-width')
  })

  it('shows commands so that they can be copied, and numbers the steps', () => {
    expect(text('1. See it.\n\n   ```sh\n   modelry config\n   ```\n2. Mend it.')).toBe(
      '  1. See it.\n       $ modelry config\n  2. Mend it.',
    )
    expect(text('3. From three on.')).toBe('  3. From three on.')
  })

  it('lines the columns of a table up, and puts the last one below the first where there is no room', () => {
    const table = '| what | then |\n| --- | --- |\n| `ok` | go on |\n| a long answer | stop |'
    expect(text(table)).toBe('  what           then\n  ok             go on\n  a long answer  stop')
    expect(text(table, 24)).toBe('  what\n      then\n  ok\n      go on\n  a long answer\n      stop')
    expect(text('| | |\n| --- | --- |\n| Since | 0.1.0 |')).toBe('  Since  0.1.0')
  })

  it('shows what the Markdown means, and none of its signs', () => {
    expect(text('**Bold** and `code` and \\*star\\* &lt; [here](x.md) and [there](https://e.org).', 99)).toBe(
      'Bold and code and *star* < here and there: https://e.org.',
    )
    expect(text('# Head\n\n<!-- made -->\n\nBody')).toBe('Head\n\nBody')
  })

  it('counts what is seen and not the colours', () => {
    const loud = { ...plain, strong: (part: string) => `<<<<<<<<${part}>>>>>>>>` }
    expect(markdownText('**aa bb** cc', loud, 8).split('\n')).toHaveLength(1)
  })
})
