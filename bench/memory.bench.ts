import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { request } from './support/http-client.ts'
import { Load, type Work } from './support/load.ts'
import { type Program, startModelry } from './support/program.ts'
import { type Row, report } from './support/report.ts'
import { inScratchFolder } from './support/scratch.ts'

const TARGET_MB = 120
const FEW_MS = 300
const LOAD_MS = 5_000
const REST_MS = 5_000
const FILE = Buffer.alloc(64 * 1024, 'weights ').toString()

let counted = 0

/** A save with a file of 64 KB, and the reads of it; ends where it began but for one more version. */
const everything: Work = async (ask) => {
  const n = counted++
  const version = `1.0.${n}`
  const model = `model-${n % 20}`
  const metadata = {
    modelId: model,
    version,
    modelType: 'lstm',
    inputShape: [60, 5],
    outputShape: [1],
    accuracy: 0.9,
    tags: { team: `t${n % 4}` },
  }
  const json = (method: string, path: string, value: unknown) => request(method, path, JSON.stringify(value))
  const begun = await ask(json('POST', '/api/saves', { metadata, files: ['weights.bin'] }), 201)
  const { saveId }: { saveId: string } = JSON.parse(String(begun.body))
  const upload = request('PUT', `/api/saves/${saveId}/files/weights.bin`, FILE, 'application/octet-stream')
  await ask(upload, 201)
  await ask(request('POST', `/api/saves/${saveId}/publish`), 201)
  const at = `/api/models/${model}/versions/${version}`
  await ask(request('GET', at), 200)
  await ask(request('GET', `${at}/files/weights.bin`), 200)
  await ask(request('GET', '/api/models?limit=20'), 200)
  await ask(request('GET', `/api/models?limit=20&tag=${encodeURIComponent('team=t1')}`), 200)
  await ask(request('GET', `/api/models/${model}/versions?limit=20`), 200)
  await ask(json('PUT', `/api/models/${model}/aliases/champion`, { version }), 200)
  await ask(request('GET', '/readyz'), 200)
}

await inScratchFolder(async (folder) => {
  const home = join(folder, 'registry')
  mkdirSync(home, { recursive: true })
  const server = await startModelry(home)
  try {
    const rows = [await atRest('idle, nothing asked yet', server)]
    await load(server, 1, everything, FEW_MS)
    rows.push(await atRest('idle after some requests', server))
    await load(server, 16, everything, LOAD_MS)
    // What a busy server needs is for orientation; the target is for one that is idle.
    rows.push({
      case: `right after ${LOAD_MS / 1000} s of 16 connections`,
      unit: 'MB',
      value: residentMb(server),
    })
    const { target: _, ok: __, ...row } = await atRest('idle again after that', server)
    report('resident memory of a server', [...rows, row])
  } finally {
    await server.stop()
  }
})

async function load({ url }: Program, connections: number, work: Work, ms: number): Promise<void> {
  const opened = await Load.open(url, connections, work)
  try {
    await opened.run(ms)
  } finally {
    opened.close()
  }
}

/** After a pause in which nothing is asked. */
async function atRest(title: string, server: Program): Promise<Row> {
  await wait(REST_MS)
  const value = residentMb(server)
  return { case: title, unit: 'MB', value, target: TARGET_MB, ok: value < TARGET_MB }
}

/** As the system counts it, shared pages included, in units of 1,000,000 bytes. */
function residentMb({ pid }: Program): number {
  const status = `/proc/${pid}/status`
  const kibibytes = existsSync(status)
    ? /VmRSS:\s*(\d+) kB/.exec(readFileSync(status, 'utf8'))?.[1]
    : spawnSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }).stdout
  return (Number(kibibytes) * 1024) / 1e6
}
