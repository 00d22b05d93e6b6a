import { hash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** Text as it may stand in HTML, between tags and in quoted attributes. */
export function text(value: string): string {
  return value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** Colours have a contrast of at least 7:1 to their ground, in the light and in the dark. */
const STYLE = `
:root{color-scheme:light dark;--ground:#fff;--ink:#1b1f24;--quiet:#4b5563;--line:#c7cdd4;--tint:#f3f5f7;--link:#0a4ea3}
@media (prefers-color-scheme:dark){:root{--ground:#14171a;--ink:#e8eaed;--quiet:#b3bac2;--line:#454c54;--tint:#1e2327;--link:#9cc7ff}}
*{box-sizing:border-box}
body{font:16px/1.55 system-ui,sans-serif;max-width:54rem;margin:0 auto;padding:0 1rem 4rem;background:var(--ground);color:var(--ink)}
header{display:flex;gap:1.25rem;padding:1rem 0;border-bottom:1px solid var(--line)}
a{color:var(--link)}
a:focus-visible,input:focus-visible,select:focus-visible,button:focus-visible,pre:focus-visible,.scroll:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem}
h1{font-size:1.7rem;line-height:1.25;overflow-wrap:anywhere}h2{margin-top:2.2rem;font-size:1.25rem}h3{margin-top:2rem;padding-top:1rem;border-top:1px solid var(--line);font-size:1.05rem;font-family:ui-monospace,monospace}
:target{background:var(--tint)}
code,pre{font-family:ui-monospace,monospace;font-size:.92em}
pre{overflow-x:auto;padding:.7rem .9rem;background:var(--tint);border:1px solid var(--line);border-radius:4px}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.4rem .8rem .4rem 0;border-bottom:1px solid var(--line)}
th{color:var(--quiet);font-weight:600}
form{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:.8rem;align-items:end;margin:1.2rem 0}
form .wide{grid-column:1/-1}
label{display:block;font-weight:600;font-size:.9rem}
input[type=search],select,button{font:inherit;width:100%;min-height:2.75rem;padding:.4rem .6rem;color:inherit;background:var(--ground);border:1px solid var(--quiet);border-radius:4px}
button{background:var(--link);border-color:var(--link);color:var(--ground);font-weight:600}
.quiet{color:var(--quiet)}`
  .trim()
  .replaceAll('\n', '')

/** Nothing is loaded, nothing runs, and the style is the one below; a form goes to this server alone. */
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${hash('sha256', STYLE, 'base64')}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** A whole page that needs no script. @param body - HTML, escaped already; with its own heading of the first level. */
export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<a class="skip" href="#content">To the content</a>
<header><nav aria-label="Pages"><a href="/">modelry</a> · <a href="/errors">Errors</a></nav></header>
<main id="content">
${body}
</main>
</body>
</html>
`
}

export function sendHtml(reply: FastifyReply, html: string): FastifyReply {
  return reply
    .header('content-type', 'text/html; charset=utf-8')
    .header('content-security-policy', POLICY)
    .header('referrer-policy', 'no-referrer')
    .header('vary', 'accept')
    .send(html)
}

/** A browser asks for HTML by name; everything else gets JSON. */
export function wantsHtml({ headers }: FastifyRequest): boolean {
  return headers.accept?.includes('text/html') ?? false
}
