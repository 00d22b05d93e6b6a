import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Answer, HttpConnection, request } from './support/http-client.ts'
import { type Program, startModelry, startPeer } from './support/program.ts'
import { type Row, report } from './support/report.ts'
import { inScratchFolder } from './support/scratch.ts'
import { inTurns, median, medianRatio } from './support/statistics.ts'
import { download, sha256Of, upload } from './transfer/transfer.ts'

const BYTES = 256 * 1024 * 1024
const PAIRS = 7
const AT_LEAST_OF_PEER = 0.9
const SHA256 = sha256Of(BYTES)

await inScratchFolder(async (folder) => {
  const home = join(folder, 'registry')
  const peerFolder = join(folder, 'peer')
  for (const made of [home, peerFolder]) mkdirSync(made)
  const registry = await startModelry(home)
  const peer = await startPeer(
    new URL('transfer/peer.ts', import.meta.url),
    [peerFolder],
    join(folder, 'peer.log'),
  )
  try {
    const uploads = await uploadsOf(registry, peer)
    report('transfer of 256 MB', [...uploads, await downloadsOf(registry, peer)])
  } finally {
    await Promise.all([registry.stop(), peer.stop()])
  }
})

/** What is uploaded is removed again before the next one, so that the disk never holds more than it did at first. */
async function uploadsOf(registry: Program, peer: Program): Promise<Row[]> {
  const wholeSaves: number[] = []
  const peerPuts: number[] = []
  let n = 0
  const perSecond = await inTurns(
    {
      registry: async () => {
        const version = `1.0.${n++}`
        const started = performance.now()
        const saveId = await begin(registry, version)
        const speed = await speedOf(async () => {
          const { sha256 } = JSON.parse(
            await upload(`${registry.url}/api/saves/${saveId}/files/w.bin`, BYTES),
          )
          requireSame(sha256)
        })
        await ask(registry, request('POST', `/api/saves/${saveId}/publish`), 201)
        wholeSaves.push(BYTES / 1e3 / (performance.now() - started))
        await ask(registry, request('DELETE', `/api/models/btc-lstm/versions/${version}`), 204)
        return speed
      },
      peer: async () => {
        const speed = await speedOf(async () => {
          requireSame(JSON.parse(await upload(`${peer.url}/w.bin`, BYTES)).sha256)
        })
        await ask(peer, request('DELETE', '/w.bin'), 200)
        peerPuts.push(speed)
        return speed
      },
    },
    PAIRS,
  )
  return [
    besidePeer('upload', perSecond.registry, perSecond.peer),
    // The warm-up is in these two as well, and left out of both.
    besidePeer('upload, with reserving and publishing the version', wholeSaves.slice(1), peerPuts.slice(1)),
  ]
}

async function downloadsOf(registry: Program, peer: Program): Promise<Row> {
  const saveId = await begin(registry, '2.0.0')
  await upload(`${registry.url}/api/saves/${saveId}/files/w.bin`, BYTES)
  await ask(registry, request('POST', `/api/saves/${saveId}/publish`), 201)
  await upload(`${peer.url}/w.bin`, BYTES)

  const ours = `${registry.url}/api/models/btc-lstm/versions/2.0.0/files/w.bin`
  const theirs = `${peer.url}/w.bin`
  for (const url of [ours, theirs]) {
    const hash = createHash('sha256')
    await download(url, BYTES, hash)
    requireSame(hash.digest('hex'))
  }
  const perSecond = await inTurns(
    {
      registry: () => speedOf(() => download(ours, BYTES)),
      peer: () => speedOf(() => download(theirs, BYTES)),
    },
    PAIRS,
  )
  return besidePeer('download', perSecond.registry, perSecond.peer)
}

async function begin(registry: Program, version: string): Promise<string> {
  const metadata = {
    modelId: 'btc-lstm',
    version,
    modelType: 'lstm',
    inputShape: [60, 5],
    outputShape: [1],
  }
  const body = JSON.stringify({ metadata, files: ['w.bin'] })
  const answer = await ask(registry, request('POST', '/api/saves', body), 201)
  return JSON.parse(String(answer.body)).saveId
}

/** Over a connection of its own: one that is kept may be closed by the server during the transfers in between. */
async function ask({ url }: Program, text: string, status: number): Promise<Answer> {
  const connection = await HttpConnection.open(url)
  try {
    const answer = await connection.ask(text)
    if (answer.status !== status) throw new Error(`${answer.status} instead of ${status}:\n${answer.body}`)
    return answer
  } finally {
    connection.close()
  }
}

function requireSame(sha256: unknown): void {
  if (sha256 !== SHA256) throw new Error(`other bytes arrived: ${sha256} instead of ${SHA256}`)
}

/** @returns megabytes a second. */
async function speedOf(transfer: () => Promise<void>): Promise<number> {
  const started = performance.now()
  await transfer()
  return BYTES / 1e3 / (performance.now() - started)
}

function besidePeer(title: string, registry: readonly number[], peer: readonly number[]): Row {
  const ratio = medianRatio(registry, peer)
  return {
    case: title,
    unit: 'MB/s',
    value: median(registry),
    peer: median(peer),
    ratio,
    target: AT_LEAST_OF_PEER,
    ok: ratio >= AT_LEAST_OF_PEER,
  }
}
