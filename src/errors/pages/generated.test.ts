import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import lock from '../catalog.lock.json' with { type: 'json' }
import { errorCodes } from '../entry.js'
import { generatedFiles } from './generated.testing.js'

const root = join(import.meta.dirname, '../../..')
const files = generatedFiles()
const textOf = (path: string) => files.get(path) ?? ''

describe('what is made from the catalog', () => {
  it('is kept in the repository', async () => {
    for (const path of files.keys()) await expect(readFile(join(root, path)), path).resolves.toBeDefined()
  })

  // `npm run generate` writes them anew.
  it.each([...files.keys()])('%s is what the catalog says', async (path) => {
    await expect(textOf(path)).toMatchFileSnapshot(join(root, path))
  })

  it('leaves no page behind of what the catalog has not', async () => {
    const found = (await readdir(join(root, 'docs/errors'))).map((name) => `docs/errors/${name}`)
    expect(found.filter((path) => !files.has(path))).toEqual([])
  })

  it('has a page for every promised code, with an anchor for every cause that was promised for it', () => {
    for (const code of Object.keys(lock.codes)) {
      const anchors = [...textOf(`docs/errors/${code}.md`).matchAll(/^### (\S+)$/gm)].map(([, id]) => id)
      const promised = Object.entries(lock.causes).filter(([, codes]) => codes.includes(code))
      expect(anchors).toEqual(expect.arrayContaining(promised.map(([id]) => id)))
      expect(new Set(anchors).size).toBe(anchors.length)
    }
  })

  it('says whole things', () => {
    for (const [path, text] of files)
      expect(text, path).not.toMatch(/undefined@|\b(?:of|is|in|to) undefined\b|\bNaN\b|\[object |: \.\s/)
  })

  it('has a catalog.json that follows its schema, and a schema that refuses what does not', () => {
    const schema = z.fromJSONSchema(JSON.parse(textOf('docs/errors/catalog.schema.json')))
    const catalog = JSON.parse(textOf('docs/errors/catalog.json'))
    expect(schema.safeParse(catalog).error).toBeUndefined()
    expect(catalog.errors.map(({ code }: { code: string }) => code)).toEqual(errorCodes)
    const { retry: _, ...without } = catalog.causes[0]
    expect(schema.safeParse({ ...catalog, causes: [without] }).success).toBe(false)
    expect(schema.safeParse({ ...catalog, causes: [{ ...catalog.causes[0], more: 1 }] }).success).toBe(false)
  })

  it('links to files that are there', async () => {
    for (const [path, text] of files) {
      if (path.endsWith('.json')) continue
      for (const [, link = ''] of text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
        const target = join(root, path, '..', link)
        await expect(readFile(target), `${path} links to ${link}`).resolves.toBeDefined()
      }
    }
  })
})
