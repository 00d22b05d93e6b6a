import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { allPages } from '../support/all-pages.js'
import { registryAt } from '../support/registry-at.js'
import { temporaryFolder } from '../support/temporary-folder.js'

const WORKER = join(import.meta.dirname, 'worker.mjs')
const PROCESSES = 4
const DURATION_MS = Number(process.env.MODELRY_PROCESSES_MS ?? 20_000)

interface Report {
  readonly name: string
  readonly saved: readonly { readonly version: string; readonly sha256: string }[]
  readonly deployed: readonly string[]
  readonly failures: readonly unknown[]
  readonly listed: number
}

describe('four processes on one folder and one SQLite file', () => {
  it('lose nothing that was acknowledged, and none of them sees a busy database', {
    timeout: 180_000,
  }, async () => {
    const home = await temporaryFolder()
    const registry = await registryAt(home, 0)
    for (const version of ['1.0.0', '2.0.0', '3.0.0'])
      await registry.saveModel(
        { version },
        { modelId: 'shared', version, modelType: 'neural', inputShape: [1], outputShape: [1] },
      )

    const reports = await Promise.all(
      Array.from({ length: PROCESSES }, (_, index) => runWorker(home, `worker-${index + 1}`)),
    )
    const saves = reports.map(({ saved }) => saved.length)
    console.info(`saves of each process: ${saves.join(', ')}`)
    for (const { failures, listed, saved } of reports) {
      expect(failures).toEqual([])
      expect(listed).toBeGreaterThan(0)
      expect(saved.length).toBeGreaterThan(0)
    }

    for (const { name, saved } of reports) {
      const versions = new Map(
        (await registry.getModelVersions(name)).map((record) => [record.version as string, record]),
      )
      expect(versions.size).toBe(saved.length)
      for (const { version, sha256 } of saved) expect(versions.get(version)?.files[0]?.sha256).toBe(sha256)
      expect(await registry.getModel(name, saved.at(-1)?.version ?? '', { verify: 'content' })).not.toBeNull()
    }

    // Each deployment of the shared model names the one before it: a chain without gaps or forks, fences growing.
    const chain = await allPages((cursor) =>
      registry.listDeployments({ modelId: 'shared', limit: 1000, cursor }),
    )
    expect(chain.filter(({ status }) => status === 'active')).toHaveLength(1)
    chain.forEach((deployment, index) => {
      expect(deployment.previousId).toBe(chain[index + 1]?.id)
      expect(deployment.fence).toBeGreaterThan(chain[index + 1]?.fence ?? 0)
    })
    await registry.close()
  })
})

function runWorker(home: string, name: string): Promise<Report> {
  const worker = spawn(process.execPath, [WORKER, home, name, String(DURATION_MS)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let stdout = ''
  worker.stdout.on('data', (text) => {
    stdout += text
  })
  return new Promise((resolve, reject) => {
    worker.on('error', reject)
    worker.on('close', (code) =>
      code === 0 ? resolve(JSON.parse(stdout)) : reject(new Error(`${name} ended with ${code}`)),
    )
  })
}
