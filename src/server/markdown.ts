import { Marked, type Tokens } from 'marked'
import { text } from './html.js'

/**
 * The pages of the catalog and the runbooks as HTML. HTML that stands in the Markdown is left out; a heading has its
 * words as its anchor, as on the sites that show the same files; links between the files become links between pages.
 */
export function markdownHtml(markdown: string): string {
  return marked.parse(markdown, { async: false })
}

const marked = new Marked({
  renderer: {
    html: () => '',
    heading({ tokens, depth, text: words }) {
      return `<h${depth} id="${text(anchorOf(words))}">${this.parser.parseInline(tokens)}</h${depth}>\n`
    },
    link({ href, tokens }) {
      return `<a href="${text(addressOf(href))}">${this.parser.parseInline(tokens)}</a>`
    },
    code({ text: code }) {
      // Whoever has no pointer must be able to scroll it.
      return `<pre tabindex="0"><code>${text(code)}</code></pre>\n`
    },
    table(token: Tokens.Table) {
      const cell = ({ tokens }: Tokens.TableCell) => this.parser.parseInline(tokens)
      const named = token.header.some(({ text: words }) => words !== '')
      const head = named
        ? `<thead><tr>${token.header.map((each) => `<th scope="col">${cell(each)}</th>`).join('')}</tr></thead>`
        : ''
      const rows = token.rows.map((row) => {
        const [first, ...others] = row.map(cell)
        const name = named ? `<td>${first}</td>` : `<th scope="row">${first}</th>`
        return `<tr>${name}${others.map((each) => `<td>${each}</td>`).join('')}</tr>`
      })
      return `<div class="scroll" tabindex="0"><table>${head}<tbody>${rows.join('\n')}</tbody></table></div>\n`
    },
  },
})

function anchorOf(words: string): string {
  return words
    .toLowerCase()
    .replace(/[^\w\s-]/g, '')
    .trim()
    .replace(/\s+/g, '-')
}

/** Where a file of docs/ is to be found on the server. */
function addressOf(href: string): string {
  const [, error, anchor = ''] = /^\.\.\/errors\/([A-Z0-9_]+)\.md(#.*)?$/.exec(href) ?? []
  if (error !== undefined) return `/errors/${error}${anchor}`
  const [, runbook, part = ''] = /^(?:\.\.\/runbooks\/)?([a-z0-9-]+)\.md(#.*)?$/.exec(href) ?? []
  if (runbook !== undefined) return `/runbooks/${runbook}${part}`
  return /^(?:https?:|\/|#)/.test(href) ? href : '#'
}
