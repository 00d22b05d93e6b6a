import { baseUrl } from '../base-url.js'
import { page, sendHtml, text } from '../html.js'
import type { App, RouteDeps } from '../route.js'

export function pageRoutes(app: App, { settings }: RouteDeps): void {
  app.get('/', { config: { scope: 'anybody' }, schema: { hide: true } }, async (request, reply) =>
    sendHtml(reply, home(baseUrl(request, settings.publicUrl))),
  )
}

function home(base: string): string {
  const command = `echo '{"weights":[1,2,3]}' | npx modelry save - --name model.json --server ${base} --id first-model --version 1.0.0 --type neural --input-shape 3 --output-shape 1`
  return page(
    'modelry',
    `<h1>modelry</h1>
<p>A model registry: versions of machine learning models with their files, and which of them is active where.</p>
<p>Save a first model:</p>
<pre tabindex="0">${text(command)}</pre>
<p>In a clone of the project, say <code>npm run modelry --</code> instead of <code>npx modelry</code>.</p>
<p>Then list what is there:</p>
<pre tabindex="0">${text(`curl ${base}/api/models`)}</pre>
<ul>
<li><a href="/api/models">The models</a></li>
<li><a href="/openapi.json">The API, as an OpenAPI 3.1 document</a></li>
<li><a href="/errors">The errors and what to do about each</a></li>
<li><a href="/readyz">Whether the stores answer</a></li>
</ul>`,
  )
}
