import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { S3 } from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { type Row, report } from './support/report.ts'
import { inScratchFolder } from './support/scratch.ts'
import { inTurns, median, medianRatio } from './support/statistics.ts'
import { credentials, region, startVersitygw } from './support/versitygw.ts'

const MIB = 1024 ** 2
const LARGE = Number(process.env.MODELRY_BENCH_BYTES ?? 1024 * MIB)
const ROUNDS = 3
const AT_LEAST_OF_SDK = 0.95
const MANY = 64
const Bucket = 'bench'
const BREAKER_TARGET_US = 5
const metadata = { modelType: 'lstm', inputShape: [1], outputShape: [1] } as const

const dist = new URL('../dist/', import.meta.url).href
const { createModelRegistry, fromFile }: typeof import('../src/index.js') = await import(`${dist}index.js`)
const { S3CircuitBreaker }: typeof import('../src/s3/index.js') = await import(`${dist}s3/index.js`)

await inScratchFolder(async (folder) => {
  const server = await startVersitygw(join(folder, 's3'))
  if (server === undefined) {
    process.stderr.write('versitygw is missing: npx vitest run --project s3 brings it.\n')
    report('S3', [])
    return
  }
  try {
    const s3 = new S3({
      endpoint: server.endpoint,
      region,
      credentials,
      forcePathStyle: true,
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    })
    await s3.createBucket({ Bucket })
    report('S3', [
      ...(await large(folder, server.endpoint, s3)),
      await many(folder, server.endpoint, s3),
      await breakerPerCall(),
      ...(await outage(folder)),
    ])
    s3.destroy()
  } finally {
    await server.stop()
  }
})

function registryOn(folder: string, endpoint: string, options: object = {}) {
  return createModelRegistry({
    home: join(folder, 'registry'),
    store: { bucket: Bucket, endpoint, region, forcePathStyle: true, credentials },
    ...options,
  })
}

/** Both hash what passes with SHA-256, since that is what a registry is for. */
async function large(folder: string, endpoint: string, s3: S3): Promise<Row[]> {
  const file = await fileOf(folder, LARGE)
  const registry = await registryOn(folder, endpoint)
  let n = 0
  const up = await inTurns(
    {
      modelry: async () => {
        const version = `1.0.${n++}`
        const started = performance.now()
        await registry.saveModel(fromFile(file), { ...metadata, modelId: 'large', version })
        const speed = perSecond(LARGE, performance.now() - started)
        await registry.deleteModel('large', version)
        return speed
      },
      sdk: async () => {
        const started = performance.now()
        const hash = createHash('sha256')
        const Body = createReadStream(file, { highWaterMark: MIB })
        Body.on('data', (piece) => hash.update(piece))
        await new Upload({
          client: s3,
          params: { Bucket, Key: 'bare', Body },
          partSize: 8 * MIB,
          queueSize: 4,
        }).done()
        hash.digest()
        return perSecond(LARGE, performance.now() - started)
      },
    },
    ROUNDS,
  )
  await registry.saveModel(fromFile(file), { ...metadata, modelId: 'large', version: '2.0.0' })
  const down = await inTurns(
    {
      modelry: async () => {
        const target = await mkdtemp(join(folder, 'down-'))
        const started = performance.now()
        await (await registry.loadModel('large', '2.0.0')).saveTo(target)
        const speed = perSecond(LARGE, performance.now() - started)
        await rm(target, { recursive: true })
        return speed
      },
      sdk: async () => {
        const target = await mkdtemp(join(folder, 'down-'))
        const started = performance.now()
        const { Body } = await s3.getObject({ Bucket, Key: 'bare' })
        const hash = createHash('sha256')
        const handle = await open(join(target, 'bare.bin'), 'w')
        const sink = new Writable({
          write(piece: Buffer, _encoding, done) {
            hash.update(piece)
            handle.write(piece).then(() => done(), done)
          },
        })
        await pipeline(Body as NodeJS.ReadableStream, sink)
        await handle.close()
        hash.digest()
        const speed = perSecond(LARGE, performance.now() - started)
        await rm(target, { recursive: true })
        return speed
      },
    },
    ROUNDS,
  )
  await registry.close()
  return [
    besides(`upload of ${LARGE / MIB} MiB, published`, up.modelry, up.sdk, 'MB/s'),
    besides(`download of ${LARGE / MIB} MiB to disk, checked`, down.modelry, down.sdk, 'MB/s'),
  ]
}

/** Saves reserve and publish a version each; the SDK puts an object each. */
async function many(folder: string, endpoint: string, s3: S3): Promise<Row> {
  const registry = await registryOn(folder, endpoint)
  const content = Buffer.alloc(1_000_000, 7)
  let n = 0
  const { modelry, sdk } = await inTurns(
    {
      modelry: async () => {
        const started = performance.now()
        await Promise.all(
          Array.from({ length: MANY }, () =>
            registry.saveModel(content, { ...metadata, modelId: 'many', version: `1.0.${n++}` }),
          ),
        )
        return (MANY * 1_000) / (performance.now() - started)
      },
      sdk: async () => {
        const started = performance.now()
        await Promise.all(
          Array.from({ length: MANY }, () =>
            s3.putObject({ Bucket, Key: `many/${n++}`, Body: content, IfNoneMatch: '*' }),
          ),
        )
        return (MANY * 1_000) / (performance.now() - started)
      },
    },
    ROUNDS,
  )
  await registry.close()
  const { target: _, ok: __, ...row } = besides(`${MANY} saves of 1 MB at once`, modelry, sdk, 'a second')
  return row
}

async function breakerPerCall(): Promise<Row> {
  const circuit = new S3CircuitBreaker().circuit({ endpoint: 'bench', bucket: Bucket })
  const CALLS = 100_000
  const time = async (call: () => Promise<void>) => {
    const started = performance.now()
    for (let n = 0; n < CALLS; n++) await call()
    return ((performance.now() - started) * 1_000) / CALLS
  }
  const nothing = async () => {}
  const { guarded, bare } = await inTurns(
    { guarded: () => time(() => circuit.run({ operation: 'call' }, nothing)), bare: () => time(nothing) },
    5,
  )
  const value = median(guarded) - median(bare)
  const target = BREAKER_TARGET_US
  return { case: 'the breaker, per call', unit: 'µs', value, target, ok: value < target }
}

/** A store that answers 503, then answers again. By the rules of the defaults but for a cooldown of one second. */
async function outage(folder: string): Promise<Row[]> {
  let away = true
  const store = createServer((request, response) => {
    request.resume()
    request.on('end', () => {
      if (away) response.writeHead(503).end()
      else response.writeHead(200, { etag: '"e"', 'last-modified': new Date().toUTCString() }).end()
    })
  })
  await new Promise<void>((resolve) => store.listen(0, '127.0.0.1', resolve))
  const address = store.address()
  const port = address === null || typeof address === 'string' ? 0 : address.port
  const registry = await createModelRegistry({
    home: join(folder, 'outage'),
    breaker: { cooldownMs: 1_000 },
    store: {
      ...{ bucket: Bucket, endpoint: `http://127.0.0.1:${port}`, region, forcePathStyle: true, credentials },
      capabilities: {
        ...{ conditionalPut: true, conditionalComplete: true, checksum: 'none' },
        ...{ multipart: true, equalParts: true },
      },
    },
  })
  let n = 0
  const save = () =>
    registry
      .saveModel({ n }, { ...metadata, modelId: 'outage', version: `1.0.${n++}` })
      .catch(() => undefined)
  const begun = performance.now()
  while ((await registry.breakerStats()).every(({ state }) => state !== 'open')) await save()
  const opened = performance.now() - begun
  away = false
  const back = performance.now()
  while ((await save()) === undefined) await new Promise((resolve) => setTimeout(resolve, 10))
  const recovered = performance.now() - back
  await registry.close()
  store.closeAllConnections()
  await new Promise((resolve) => store.close(resolve))
  return [
    { case: 'from the first outage to an open breaker, one save after another', unit: 'ms', value: opened },
    { case: 'from recovery to the first good save, after a cooldown of 1 s', unit: 'ms', value: recovered },
  ]
}

async function fileOf(folder: string, size: number): Promise<string> {
  const path = join(folder, `${size}.bin`)
  const handle = await open(path, 'w')
  for (let at = 0; at < size; at += MIB) await handle.write(Buffer.alloc(MIB, at / MIB + 1))
  await handle.close()
  return path
}

/** MB a second. */
function perSecond(bytes: number, ms: number): number {
  return bytes / 1e3 / ms
}

function besides(title: string, own: readonly number[], peer: readonly number[], unit: string): Row {
  const ratio = medianRatio(own, peer)
  const target = AT_LEAST_OF_SDK
  return { case: title, unit, value: median(own), peer: median(peer), ratio, target, ok: ratio >= target }
}
