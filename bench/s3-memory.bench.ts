import { spawn } from 'node:child_process'
import { mkdir, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { S3 } from '@aws-sdk/client-s3'
import { type Row, report } from './support/report.ts'
import { inScratchFolder } from './support/scratch.ts'
import { credentials, region, startVersitygw } from './support/versitygw.ts'

const LARGE = Number(process.env.MODELRY_BENCH_BYTES ?? 5 * 1024 ** 3)
const TARGET_MB = 200
const Bucket = 'bench'
const CLI = new URL('../dist/cli/main.js', import.meta.url).pathname
const PEAK = new URL('../test/memory/peak.mjs', import.meta.url).href

await inScratchFolder(async (folder) => {
  const server = await startVersitygw(join(folder, 's3'))
  if (server === undefined) {
    process.stderr.write('versitygw is missing: npx vitest run --project s3 brings it.\n')
    report('memory with files in S3', [])
    return
  }
  try {
    const { endpoint } = server
    const s3 = new S3({ endpoint, region, credentials, forcePathStyle: true })
    await s3.createBucket({ Bucket })
    s3.destroy()
    const file = join(folder, 'large.bin')
    await mkdir(folder, { recursive: true })
    const handle = await open(file, 'w')
    await handle.truncate(LARGE)
    await handle.close()
    const store = `s3://${Bucket}?${new URLSearchParams({ endpoint, region, forcePathStyle: 'true' })}`
    const where = ['--home', join(folder, 'home'), '--store', store]
    const shapes = ['--input-shape', '1', '--output-shape', '1']
    const saved = ['save', file, '--id', 'large', '--version', '1.0.0', '--type', 'neural', ...shapes]
    const up = await peakMb(folder, [...saved, ...where])
    await rm(file)
    const down = await peakMb(folder, ['download', 'large@1.0.0', '-o', join(folder, 'out'), ...where])
    report('memory with files in S3', [
      row(`save ${gibibytes(LARGE)} GiB from a file`, up),
      row(`download them to a file`, down),
    ])
  } finally {
    await server.stop()
  }
})

function row(title: string, value: number): Row {
  return { case: title, unit: 'MB at the highest', value, target: TARGET_MB, ok: value < TARGET_MB }
}

function gibibytes(bytes: number): number {
  return Math.round((bytes / 1024 ** 3) * 10) / 10
}

/** The largest resident set of the command, in units of 1,000,000 bytes. */
async function peakMb(folder: string, args: readonly string[]): Promise<number> {
  const peak = join(folder, 'peak')
  const child = spawn(process.execPath, ['--import', PEAK, CLI, ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      MODELRY_PEAK_FILE: peak,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    },
  })
  const code = await new Promise((resolve) => child.on('close', resolve))
  if (code !== 0) throw new Error(`${args[0]} ended with ${code}`)
  return Number(await readFile(peak, 'utf8')) / 1e6
}
