import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { httpApiPage } from './http-api-page.testing.js'
import { send } from './testing/send.js'
import { served } from './testing/served.js'

const page = join(import.meta.dirname, '../../docs/http-api.md')

it('docs/http-api.md is what the routes say of themselves; UPDATE=1 writes it anew', async () => {
  const { url } = await served()
  const text = httpApiPage((await send(url, '/openapi.json')).json())
  if (process.env.UPDATE === '1') await writeFile(page, text)
  expect(await readFile(page, 'utf8')).toBe(text)
})
