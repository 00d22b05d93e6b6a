// node log-and-report.mjs <folder of the compiled recipes>: a save that is refused, seen by a log and an error tracker.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createModelRegistry } from '../../dist/index.js'
import { metadata, recipe } from './recipe.mjs'

const { reported } = await recipe('log-and-report-1')
const { saveReported } = await recipe('log-and-report-2')
const home = await mkdtemp(join(tmpdir(), 'modelry-recipe-'))
const registry = await createModelRegistry({ home })
const logged = []
const captured = []
const to = {
  logger: { error: (message, facts) => logged.push(JSON.stringify({ ...facts, message })) },
  tracker: {
    captureException(exception, hint) {
      captured.push({
        name: exception.name,
        hint: hint === undefined ? undefined : JSON.parse(JSON.stringify(hint)),
      })
      return `event-${captured.length}`
    },
  },
}
const wrong = { ...metadata, version: 'v1.2', hyperparameters: { note: 'postgres://me:hunter2@db/models' } }
const thrown = await saveReported(registry, { a: 1 }, wrong, to).catch((error) => error)
await reported('Sum', to, async () => {
  throw new TypeError('no numbers')
}).catch((error) => console.log(`thrown on: ${error.name}`))
const [line] = logged.map((text) => JSON.parse(text))
console.log(`thrown on: ${thrown.code}`)
console.log(`logged ${logged.length}: ${line.message}, ${line.code}/${line.cause}, ${line.outcome}`)
console.log(`captured: ${captured.map(({ name }) => name)}`)
console.log(captured[0].hint.tags, captured[0].hint.fingerprint)
console.log(captured[0].hint.contexts.error.context.validationErrors[0].suggested)
console.log(`secrets: ${/hunter2/.test(JSON.stringify([logged, captured]))}`)
await registry.close()
await rm(home, { recursive: true })
