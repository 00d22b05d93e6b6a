import { createHash } from 'node:crypto'
import { createReadStream, mkdirSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { S3 } from '@aws-sdk/client-s3'
import { startModelry } from './support/program.ts'
import { type Row, report } from './support/report.ts'
import { inScratchFolder } from './support/scratch.ts'
import { inTurns, median, medianRatio } from './support/statistics.ts'
import { credentials, region, startVersitygw } from './support/versitygw.ts'

const MIB = 1024 ** 2
const [WHOLE, IN_PARTS] = [64 * MIB, 256 * MIB]
const PART = 8 * MIB
const PARALLEL = 4
const ROUNDS = 7
const AT_LEAST_OF_STORE = 0.95
const Bucket = 'bench'

const dist = new URL('../dist/', import.meta.url).href
const { fromFile }: typeof import('../src/index.js') = await import(`${dist}index.js`)
const { connectRegistry }: typeof import('../src/client/index.js') = await import(`${dist}client/index.js`)

await inScratchFolder(async (folder) => {
  const server = await startVersitygw(join(folder, 's3'))
  if (server === undefined) {
    process.stderr.write('versitygw is missing: npx vitest run --project s3 brings it.\n')
    report('direct transfer', [])
    return
  }
  try {
    await measure(folder, server.endpoint)
  } finally {
    await server.stop()
  }
})

async function measure(folder: string, endpoint: string): Promise<void> {
  const s3 = new S3({
    endpoint,
    region,
    credentials,
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
  await s3.createBucket({ Bucket })
  const home = join(folder, 'registry')
  mkdirSync(home)
  const modelry = await startModelry(home, {
    MODELRY_STORE: `s3://${Bucket}?endpoint=${endpoint}&forcePathStyle=true&region=${region}`,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_EC2_METADATA_DISABLED: 'true',
  })
  try {
    report('direct transfer', [
      ...(await uploads(modelry.url, s3, await fileOf(folder, WHOLE), WHOLE)),
      ...(await uploads(modelry.url, s3, await fileOf(folder, IN_PARTS), IN_PARTS)),
      await downloads(modelry.url, s3, await fileOf(folder, IN_PARTS), IN_PARTS),
    ])
  } finally {
    await modelry.stop()
    s3.destroy()
  }
}

/** The store alone gets what the direct way sends: parts with their CRC-32, of a file whose sha256 is computed as well. */
async function uploads(url: string, s3: S3, file: string, size: number): Promise<Row[]> {
  const sent: number[] = []
  let marked = 0
  let n = 0
  const client = connectRegistry({
    url,
    fetch: (input, init) => {
      if (String(input).endsWith('/uploads/complete')) marked = performance.now()
      return fetch(input, init)
    },
  })
  const { direct, store } = await inTurns(
    {
      direct: async () => {
        const version = `1.${size}.${n++}`
        const metadata = {
          modelId: 'bench',
          version,
          modelType: 'lstm',
          inputShape: [1],
          outputShape: [1],
        } as const
        const started = performance.now()
        await client.saveModel(fromFile(file), metadata)
        const ended = performance.now()
        sent.push(perSecond(size, marked - started))
        await client.deleteModel('bench', version)
        return perSecond(size, ended - started)
      },
      store: async () => {
        const started = performance.now()
        await bareUpload(s3, file, size)
        const speed = perSecond(size, performance.now() - started)
        await s3.deleteObject({ Bucket, Key: 'bare' })
        return speed
      },
    },
    ROUNDS,
  )
  await client.close()
  const name = `upload of ${size / MIB} MiB`
  const how = size === WHOLE ? 'in one request' : 'in parts'
  return [
    { ...besides(`${name} ${how}, until all of it is in the store`, sent.slice(1), store) },
    size === WHOLE
      ? besides(`${name}, verified by the store and published`, direct, store)
      : withoutTarget(besides(`${name}, read back by the server and published`, direct, store)),
  ]
}

async function bareUpload(s3: S3, file: string, size: number): Promise<void> {
  const at = { Bucket, Key: 'bare' }
  const { UploadId } = await s3.createMultipartUpload({ ...at, ChecksumAlgorithm: 'CRC32' })
  const handle = await open(file)
  const hash = createHash('sha256')
  const Parts: { PartNumber: number; ETag: string | undefined; ChecksumCRC32: string }[] = []
  const underway = new Set<Promise<void>>()
  for (let at0 = 0, PartNumber = 1; at0 < size; at0 += PART, PartNumber++) {
    while (underway.size >= PARALLEL) await Promise.race(underway)
    const { buffer: Body, bytesRead } = await handle.read({ buffer: Buffer.alloc(PART), position: at0 })
    hash.update(Body)
    const digest = Buffer.alloc(4)
    digest.writeUInt32BE(crc32(Body))
    const ChecksumCRC32 = digest.toString('base64')
    const part = { PartNumber, ChecksumCRC32, ContentLength: bytesRead }
    const sending = s3.uploadPart({ ...at, UploadId, ...part, Body }).then(({ ETag }) => {
      Parts.push({ PartNumber, ETag, ChecksumCRC32 })
    })
    const tracked = sending.finally(() => underway.delete(tracked))
    underway.add(tracked)
  }
  await Promise.all(underway)
  await handle.close()
  hash.digest()
  Parts.sort((a, b) => a.PartNumber - b.PartNumber)
  await s3.completeMultipartUpload({ ...at, UploadId, MultipartUpload: { Parts }, IfNoneMatch: '*' })
}

/** Both compare what they read with its sha256. */
async function downloads(url: string, s3: S3, file: string, size: number): Promise<Row> {
  const client = connectRegistry({ url })
  const metadata = {
    modelId: 'read',
    version: '1.0.0',
    modelType: 'lstm',
    inputShape: [1],
    outputShape: [1],
  } as const
  const { files } = await client.saveModel(fromFile(file), metadata)
  const Key = files[0]?.address.replace(`s3://${Bucket}/`, '')
  const { direct, store } = await inTurns(
    {
      direct: async () => {
        const started = performance.now()
        const model = await client.loadModel('read', '1.0.0')
        for await (const _ of model.stream());
        return perSecond(size, performance.now() - started)
      },
      store: async () => {
        const started = performance.now()
        const { Body } = await s3.getObject({ Bucket, Key })
        const hash = createHash('sha256')
        for await (const piece of Body as AsyncIterable<Uint8Array>) hash.update(piece)
        hash.digest()
        return perSecond(size, performance.now() - started)
      },
    },
    ROUNDS,
  )
  await client.close()
  return besides(`download of ${size / MIB} MiB, compared with its sha256`, direct, store)
}

async function fileOf(folder: string, size: number): Promise<string> {
  const path = join(folder, `${size}.bin`)
  const handle = await open(path, 'w')
  for (let at = 0; at < size; at += MIB) await handle.write(Buffer.alloc(MIB, at / MIB + 1))
  await handle.close()
  for await (const _ of createReadStream(path));
  return path
}

/** MB a second. */
function perSecond(bytes: number, ms: number): number {
  return bytes / 1e3 / ms
}

function besides(title: string, direct: readonly number[], store: readonly number[]): Row {
  const ratio = medianRatio(direct, store)
  return {
    case: title,
    unit: 'MB/s',
    value: median(direct),
    peer: median(store),
    ratio,
    target: AT_LEAST_OF_STORE,
    ok: ratio >= AT_LEAST_OF_STORE,
  }
}

function withoutTarget({ target: _, ok: __, ...row }: Row): Row {
  return row
}
