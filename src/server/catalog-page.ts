import { type CatalogItem, categories, retryAdvices, severities } from '../errors/pages/catalog-items.js'
import type { CatalogQuery } from './catalog-query.js'
import { page, text } from './html.js'

/** The page at `/errors`: a form that works without a script, and what was found. */
export function catalogPage(query: CatalogQuery, items: readonly CatalogItem[]): string {
  const asked = Object.values(query).some((value) => value !== undefined && value !== '')
  const { q } = query
  return page(
    q ? `Errors: ${q}` : 'Errors',
    `<h1>Errors</h1>
<p>A code says what failed, a cause says why. Search for either, for words, or for what another system says: <code>SlowDown</code>, <code>23505</code>, <code>ECONNREFUSED</code>.</p>
${form(query)}
<h2 id="found">${asked ? `Found: ${items.length}` : 'All codes'}</h2>
${items.length === 0 ? nothing() : list(items)}`,
  )
}

function form({ q, category, severity, retry, fixable }: CatalogQuery): string {
  return `<form method="get" action="/errors" role="search" aria-label="Errors">
<div class="wide"><label for="q">Search</label><input type="search" id="q" name="q" value="${text(q ?? '')}" autocomplete="off" spellcheck="false"></div>
${select('category', 'Category', categories, category)}
${select('severity', 'Severity', severities, severity)}
${select('retry', 'Retry', retryAdvices, retry)}
${select('fixable', 'Fix that runs', ['yes', 'no'], fixable)}
<div><button type="submit">Search</button></div>
</form>`
}

function select(name: string, label: string, values: readonly string[], chosen: string | undefined): string {
  const options = values.map(
    (value) => `<option value="${text(value)}"${value === chosen ? ' selected' : ''}>${text(value)}</option>`,
  )
  return `<div><label for="${name}">${label}</label><select id="${name}" name="${name}"><option value="">any</option>${options.join('')}</select></div>`
}

function list(items: readonly CatalogItem[]): string {
  const rows = items.map(({ code, cause, title, category, severity, retry }) => {
    const address = `/errors/${code}${cause === undefined ? '' : `#${cause}`}`
    const name = cause === undefined ? code : `${code}/${cause}`
    return `<tr><td><a href="${text(address)}">${text(name)}</a></td><td>${text(title)}</td><td>${text(category)}</td><td>${text(severity)}</td><td>${text(retry)}</td></tr>`
  })
  return `<div class="scroll" tabindex="0" role="region" aria-labelledby="found"><table>
<thead><tr><th scope="col">Error</th><th scope="col">What</th><th scope="col">Category</th><th scope="col">Severity</th><th scope="col">Retry</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table></div>`
}

function nothing(): string {
  return `<p>Nothing in the catalog fits. <a href="/errors">Show all codes</a>, or send the whole text of the failure to <code>POST /api/diagnose</code>, or to <code>modelry diagnose</code>.</p>`
}
