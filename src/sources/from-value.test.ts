import { openAsBlob } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../test/support/temporary-folder.js'
import { toParts } from './from-value.js'
import { bytesOfPart, problemsOf, summary } from './testing/contents.js'

const bytes = new Uint8Array([1, 2, 3, 250])

describe('toParts', () => {
  it.each<[string, string | number | boolean | null | object, string]>([
    ['an object', { layers: [1, 2], name: 'é' }, '{"layers":[1,2],"name":"é"}'],
    ['an object with a then that is no method', JSON.parse('{"if":0,"then":1}'), '{"if":0,"then":1}'],
    ['an array', [1, 'two', null], '[1,"two",null]'],
    ['a number', 0.5, '0.5'],
    ['false', false, 'false'],
    ['null', null, 'null'],
    ['an object without a prototype', Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
    ['an object of another realm', runInNewContext('({ a: [1, { b: 2 }] })'), '{"a":[1,{"b":2}]}'],
  ])('takes %s as model.json', async (_, value, text) => {
    expect(await summary(value as never)).toEqual([['model.json', 'application/json', text]])
    expect(await toParts(value as never)).toMatchObject([{ size: Buffer.byteLength(text), reads: 'again' }])
  })

  it('takes text as model.txt in UTF-8, the empty text too', async () => {
    expect(await summary('κείμενο')).toEqual([['model.txt', 'text/plain; charset=utf-8', 'κείμενο']])
    expect(await toParts('')).toMatchObject([{ path: 'model.txt', size: 0 }])
  })

  it.each([
    ['a Uint8Array', bytes],
    ['a Buffer', Buffer.from(bytes)],
    ['an ArrayBuffer', bytes.slice().buffer],
    ['a view into the middle of a buffer', new Uint8Array([9, 1, 2, 3, 250, 9]).subarray(1, 5)],
    ['a DataView', new DataView(bytes.slice().buffer)],
    ['a Uint8Array of another realm', runInNewContext('new Uint8Array([1, 2, 3, 250])')],
    ['an ArrayBuffer of another realm', runInNewContext('new Uint8Array([1, 2, 3, 250]).buffer')],
  ])('takes %s as model.bin', async (_, value) => {
    const [part] = await toParts(value as never)
    expect(part).toMatchObject({ path: 'model.bin', mediaType: 'application/octet-stream', size: 4 })
    expect([...(await bytesOfPart(part))]).toEqual([...bytes])
    expect([...(await bytesOfPart(part))]).toEqual([...bytes])
  })

  it('gives large bytes in pieces', async () => {
    const [part] = await toParts(new Uint8Array(3_000_000))
    const sizes: number[] = []
    if (part?.is === 'bytes') for await (const piece of part.open()) sizes.push(piece.length)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1024 * 1024)
    expect(sizes.reduce((a, b) => a + b)).toBe(3_000_000)
  })

  it('takes a Blob with its type, and a File with its name', async () => {
    expect(await summary(new Blob(['a', 'b'], { type: 'text/x-own' }))).toEqual([
      ['model.bin', 'text/x-own', 'ab'],
    ])
    expect(await summary(new File(['{}'], 'net.json'))).toEqual([['net.json', 'application/json', '{}']])
    expect(await toParts(new File(['12345'], 'w.onnx'))).toMatchObject([{ size: 5, reads: 'again' }])
  })

  it('streams a Blob that lies on the disk', async () => {
    const path = join(await temporaryFolder(), 'weights')
    await writeFile(path, 'on the disk')
    expect(await summary(await openAsBlob(path))).toEqual([
      ['model.bin', 'application/octet-stream', 'on the disk'],
    ])
  })

  it('takes streams of every kind as model.bin, to be read once', async () => {
    const generator = async function* () {
      yield Buffer.from('ab')
      yield Buffer.from('c')
    }
    for (const stream of [new Blob(['abc']).stream(), Readable.from([Buffer.from('abc')]), generator()]) {
      const parts = await toParts(stream)
      expect(parts).toMatchObject([{ path: 'model.bin', reads: 'once' }])
      expect(parts[0]).not.toHaveProperty('size')
      expect((await bytesOfPart(parts[0])).toString()).toBe('abc')
    }
  })

  it('refuses what JSON cannot say, and names every place', async () => {
    const cycle: { self?: unknown } = {}
    cycle.self = { back: cycle }
    class Layer {}
    const value = {
      layers: [{ units: undefined }, { units: 3n }, { run: () => {} }, Number.NaN, new Date(0), new Layer()],
      cycle,
      at: new Map(),
      weights: new Float32Array(2),
    }
    expect(await problemsOf(value)).toEqual([
      'layers.0.units: found undefined, allowed is a JSON value',
      'layers.1.units: found a bigint, allowed is a JSON value',
      'layers.2.run: found a function, allowed is a JSON value',
      'layers.3: found NaN, allowed is a JSON value',
      'layers.4: found a Date, allowed is a JSON value',
      'layers.5: found an instance of a class, allowed is a JSON value',
      'cycle.self.back: found a reference back to a value that holds it, allowed is a JSON value',
      'at: found a Map, allowed is a JSON value',
      'weights: found a Float32Array, allowed is a JSON value',
    ])
  })

  it('accepts one value in two places, which is no cycle', async () => {
    const shared = { a: 1 }
    expect(await summary([shared, shared])).toEqual([['model.json', 'application/json', '[{"a":1},{"a":1}]']])
  })

  it('refuses JSON that is deeper than 256 levels', async () => {
    const nested = (levels: number) => JSON.parse('['.repeat(levels) + ']'.repeat(levels))
    await toParts(nested(256))
    expect(await problemsOf(nested(257))).toEqual([
      expect.stringContaining('found more than 256 levels, allowed is a JSON value'),
    ])
    expect(await problemsOf(nested(5_000))).toHaveLength(1)
  })

  it('refuses a hole in an array, which JSON would turn into null', async () => {
    // biome-ignore lint/suspicious/noSparseArray: it is what is tested.
    expect(await problemsOf([1, , 3])).toEqual(['1: found undefined, allowed is a JSON value'])
  })

  it('refuses nothing, a function, a symbol and a promise that was not awaited', async () => {
    expect(await problemsOf(undefined)).toEqual([
      expect.stringMatching(/^: found nothing, allowed is JSON, text/),
    ])
    expect(await problemsOf(() => {})).toEqual([expect.stringMatching(/found a function/)])
    expect(await problemsOf(Symbol('x'))).toEqual([expect.stringMatching(/found a symbol/)])
    expect(await problemsOf(Promise.resolve({}))).toEqual([expect.stringMatching(/await it first/)])
  })

  it('refuses a stream that cannot give its bytes any more', async () => {
    const locked = new Blob(['x']).stream()
    locked.getReader()
    const read = Readable.from([Buffer.from('x')])
    await read.toArray()
    const destroyed = new Readable({ read() {} }).destroy()
    const text = new Readable({ read() {} }).setEncoding('utf8')
    expect(await problemsOf(locked)).toEqual([expect.stringMatching(/something else is reading/)])
    expect(await problemsOf(read)).toEqual([expect.stringMatching(/read to its end/)])
    expect(await problemsOf(destroyed)).toEqual([expect.stringMatching(/destroyed/)])
    expect(await problemsOf(text)).toEqual([expect.stringMatching(/gives text, by setEncoding\('utf8'\)/)])
  })

  it('fails clearly on a stream that gives text or objects', async () => {
    const [text] = await toParts(Readable.from(['text']) as never)
    await expect(bytesOfPart(text)).rejects.toThrow(/gave text where a Uint8Array is needed/)
    const [objects] = await toParts(Readable.from([{ a: 1 }]) as never)
    await expect(bytesOfPart(objects)).rejects.toThrow(/gave a value of type object/)
  })

  it('does not take a property of the user’s own for a source', async () => {
    expect(await summary({ partsOf: 'mine', 'modelry.partsOf': 1 })).toHaveLength(1)
  })
})

describe('a stream that is ended by its signal', () => {
  it('ends a web stream that gives nothing, and cancels it', async () => {
    const cancelled = Promise.withResolvers<unknown>()
    const pulled = Promise.withResolvers<void>()
    const stream = new ReadableStream<Uint8Array>(
      {
        pull: () => pulled.resolve(),
        cancel: cancelled.resolve,
      },
      { highWaterMark: 0 },
    )
    const control = new AbortController()
    const [part] = await toParts(stream)
    const reading = bytesOfPart(part, control.signal)
    await pulled.promise
    control.abort(new Error('enough'))
    await expect(reading).rejects.toThrow('enough')
    expect(await cancelled.promise).toBe(control.signal.reason)
  })

  it('destroys a Node stream that gives nothing', async () => {
    const pulled = Promise.withResolvers<void>()
    const stream = new Readable({ read: () => pulled.resolve() })
    const control = new AbortController()
    const [part] = await toParts(stream)
    const reading = bytesOfPart(part, control.signal)
    await pulled.promise
    control.abort(new Error('enough'))
    await expect(reading).rejects.toThrow('enough')
    expect(stream.destroyed).toBe(true)
  })

  it('releases the stream when reading is left early', async () => {
    const cancelled = Promise.withResolvers<void>()
    const web = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(bytes),
      cancel: () => cancelled.resolve(),
    })
    const node = new Readable({
      read() {
        this.push(Buffer.from(bytes))
      },
    })
    for (const stream of [web, node]) {
      const [part] = await toParts(stream)
      if (part?.is === 'bytes') for await (const piece of part.open()) if (piece.length > 0) break
    }
    await cancelled.promise
    expect(node.destroyed).toBe(true)
  })
})
