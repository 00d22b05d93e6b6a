import { spawn } from 'node:child_process'
import { open, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from '../support/temporary-folder.js'

/** 2 GiB in `npm run conformance:memory`; a fourth of it here, which is still far more than the limit. */
const FILE_BYTES = Number(process.env.MODELRY_MEMORY_BYTES ?? 512 * 1024 * 1024)
const LIMIT_BYTES = 200_000_000
const here = import.meta.dirname
const CLI = join(here, '../../dist/cli/main.js')

describe(`a file of ${FILE_BYTES} bytes`, () => {
  it('is saved and read by the library within 200 MB of memory', { timeout: 300_000 }, async () => {
    const place = await preparedFolder()
    const peak = await runWithPeak(place, [join(here, 'library.mjs'), place.home, place.file, place.out])
    expect((await stat(join(place.out, 'large.bin'))).size).toBe(FILE_BYTES)
    expect(peak).toBeLessThan(LIMIT_BYTES)
  })

  it('is saved and downloaded by the command line within 200 MB of memory', {
    timeout: 300_000,
  }, async () => {
    const place = await preparedFolder()
    const saved = await runWithPeak(place, [CLI, ...saveArguments(place), '--home', place.home])
    const loaded = await runWithPeak(place, [
      CLI,
      'download',
      'large@1.0.0',
      '-o',
      place.out,
      '--home',
      place.home,
    ])
    expect((await stat(join(place.out, 'large.bin'))).size).toBe(FILE_BYTES)
    expect(Math.max(saved, loaded)).toBeLessThan(LIMIT_BYTES)
  })

  it('passes a server and its client within 200 MB of memory each', { timeout: 300_000 }, async () => {
    const place = await preparedFolder()
    const server = startServer(place)
    const url = await server.url
    const saved = await runWithPeak(place, [CLI, ...saveArguments(place), '--server', url])
    const loaded = await runWithPeak(place, [
      CLI,
      'download',
      'large@1.0.0',
      '-o',
      place.out,
      '--server',
      url,
    ])
    expect((await stat(join(place.out, 'large.bin'))).size).toBe(FILE_BYTES)
    expect(Math.max(saved, loaded)).toBeLessThan(LIMIT_BYTES)
    expect(await server.stop()).toBeLessThan(LIMIT_BYTES)
  })
})

type Place = Awaited<ReturnType<typeof preparedFolder>>

/** The file is sparse: reading it costs no disk, and what is stored of it is real. */
async function preparedFolder() {
  const folder = await temporaryFolder()
  const file = join(folder, 'large.bin')
  const handle = await open(file, 'w')
  await handle.truncate(FILE_BYTES)
  await handle.close()
  return { folder, file, home: join(folder, 'home'), out: join(folder, 'out') }
}

function saveArguments({ file }: Place): string[] {
  const shapes = ['--input-shape', '1', '--output-shape', '1']
  return ['save', file, '--id', 'large', '--version', '1.0.0', '--type', 'transformer', ...shapes]
}

function spawnWithPeak({ folder }: Place, args: readonly string[], stdout: 'ignore' | 'pipe') {
  const peakFile = join(folder, `peak-${performance.now()}`)
  const child = spawn(process.execPath, ['--import', join(here, 'peak.mjs'), ...args], {
    cwd: folder,
    env: { ...process.env, MODELRY_PEAK_FILE: peakFile },
    stdio: ['ignore', stdout, 'inherit'],
  })
  onTestFinished(() => {
    if (child.exitCode === null) child.kill('SIGKILL')
  })
  const peak = new Promise<number>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (code !== 0) reject(new Error(`${args.join(' ')} ended with ${code ?? signal}`))
      else readFile(peakFile, 'utf8').then((text) => resolve(Number(text)), reject)
    })
  })
  return { child, peak }
}

async function runWithPeak(place: Place, args: readonly string[]): Promise<number> {
  const peak = await spawnWithPeak(place, args, 'ignore').peak
  console.info(`${args.slice(0, 2).join(' ')}: peak ${Math.round(peak / 1e6)} MB`)
  return peak
}

function startServer(place: Place) {
  const { child, peak } = spawnWithPeak(place, [CLI, 'serve', '--port', '0', '--home', place.home], 'pipe')
  const url = new Promise<string>((resolve, reject) => {
    let text = ''
    child.stdout?.on('data', (piece) => {
      text += piece
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(text)
      if (found) resolve(found[0])
    })
    peak.catch(reject)
  })
  return {
    url,
    async stop() {
      child.kill('SIGTERM')
      const bytes = await peak
      console.info(`server: peak ${Math.round(bytes / 1e6)} MB`)
      return bytes
    },
  }
}
