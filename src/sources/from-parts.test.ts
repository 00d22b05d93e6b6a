import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../test/support/temporary-folder.js'
import { InvalidS3PathError } from '../errors/invalid-s3-path/error.js'
import { fromFolder } from './from-folder.js'
import { fromParts } from './from-parts.js'
import { fromStored } from './from-stored.js'
import { toParts } from './from-value.js'
import type { ModelSource } from './model-source.js'
import { problemsOf, summary } from './testing/contents.js'

describe('fromParts', () => {
  it('stores each value under its name, with the media type of the name', async () => {
    const parts = fromParts({
      'model.onnx': new Uint8Array([65]),
      'labels/en.json': ['cat', 'dog'],
      'README.md': '# Cats',
      notes: 'plain',
      'vocabulary.json': '{"a":1}',
      'settings.yaml': 'a: 1',
      scores: [1],
    })
    expect(await summary(parts)).toEqual([
      ['model.onnx', 'application/octet-stream', 'A'],
      ['labels/en.json', 'application/json', '["cat","dog"]'],
      ['README.md', 'text/markdown; charset=utf-8', '# Cats'],
      ['notes', 'text/plain; charset=utf-8', 'plain'],
      ['vocabulary.json', 'application/json', '{"a":1}'],
      ['settings.yaml', 'application/yaml', 'a: 1'],
      ['scores', 'application/json', '[1]'],
    ])
  })

  it('puts a source of several files below its name', async () => {
    const folder = await temporaryFolder()
    await mkdir(join(folder, 'sub'))
    await writeFile(join(folder, 'a.txt'), 'A')
    await writeFile(join(folder, 'sub', 'b.txt'), 'B')
    expect(
      (await toParts(fromParts({ data: fromFolder(folder), 'c.json': 1 }))).map(({ path }) => path),
    ).toEqual(['data/a.txt', 'data/sub/b.txt', 'c.json'])
  })

  it('takes objects that are in the store, under another name', async () => {
    expect(await toParts(fromParts({ 'w.json': fromStored('s3://models/old/weights.bin') }))).toEqual([
      { is: 'stored', path: 'w.json', mediaType: 'application/json', address: 's3://models/old/weights.bin' },
    ])
  })

  it('refuses what is no media type', async () => {
    for (const mediaType of ['text/plain\r\nX-Injected: 1', 'text/😀', 'text'])
      expect(await problemsOf(fromStored('s3://models/a/net.json', { mediaType }))).toEqual([
        expect.stringContaining(
          `net.json.mediaType: found ${JSON.stringify(mediaType)}, allowed is a media type`,
        ),
      ])
  })

  it('reports every bad name at once', async () => {
    const names = [
      '../up',
      '/absolute',
      'a//b',
      'nul.txt',
      'a\\b',
      'ok.txt',
      'a\u0000b',
      `${'x'.repeat(256)}`,
      '',
    ]
    const problems = await problemsOf(fromParts(Object.fromEntries(names.map((name) => [name, 'x']))))
    expect(problems).toHaveLength(names.length - 1)
  })

  it('reports every bad value at once', async () => {
    const bad = { 'a.json': { x: undefined }, 'b.json': 1n, 'c.txt': 'fine', d: undefined } as unknown
    expect(await problemsOf(fromParts(bad as Record<string, ModelSource>))).toEqual([
      'a.json.x: found undefined, allowed is a JSON value',
      'b.json: found a bigint, allowed is a JSON value',
      expect.stringMatching(/^d: found nothing/),
    ])
  })

  it('refuses names that no store can keep side by side', async () => {
    expect(await problemsOf(fromParts({ 'Model.bin': 'x', 'model.bin': 'y' }))).toEqual([
      expect.stringMatching(/^model.bin: .* differs from Model.bin in more than case/),
    ])
    expect(await problemsOf(fromParts({ a: 'x', 'a/b': 'y' }))).toEqual([
      expect.stringMatching(/^a: .* not a folder of another file, as it is of a\/b/),
    ])
  })

  it('refuses no parts at all, and what is no object', async () => {
    expect(await problemsOf(fromParts({}))).toEqual([': found no file, allowed is at least one file'])
    expect(await problemsOf(fromParts([] as never))).toEqual([expect.stringMatching(/found no object/)])
  })
})

describe('fromStored', () => {
  it('takes its name from the key, or from `as`', async () => {
    expect(await toParts(fromStored('s3://models/a/b/net.json'))).toMatchObject([
      { is: 'stored', path: 'net.json', mediaType: 'application/json' },
    ])
    expect(
      await toParts(fromStored('s3://models/a/b/net.json', { as: 'x/y.bin', mediaType: 'own/type' })),
    ).toMatchObject([{ path: 'x/y.bin', mediaType: 'own/type' }])
  })

  it('refuses what is no address', async () => {
    await expect(toParts(fromStored('models/net.json'))).rejects.toBeInstanceOf(InvalidS3PathError)
  })
})
