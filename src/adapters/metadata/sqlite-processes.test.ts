import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from '../../../test/support/temporary-folder.js'
import { parseModelId } from '../../domain/model-id.js'
import { parseVersion } from '../../domain/version.js'
import { PRODUCTION } from '../../ports/testing/metadata/metadata-subject.js'
import { openSqliteMetadataStore } from './sqlite.js'
import type { HammerReport } from './testing/hammer.js'

const HAMMER = fileURLToPath(new URL('./testing/hammer.ts', import.meta.url))
const SOURCES = new URL('./testing/typescript-sources.mjs', import.meta.url).href
const DURATION_MS = 2500

async function hammer(path: string, name: string, journal: string): Promise<HammerReport> {
  const child = spawn(
    process.execPath,
    ['--import', SOURCES, HAMMER, path, name, `${DURATION_MS}`, journal],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  onTestFinished(() => void child.kill('SIGKILL'))
  return (await json(child.stdout)) as HammerReport
}

it.each(['wal', 'delete'] as const)(
  'lets four processes write to one new file at once, with journal %s: nothing is lost, and none is told that it is busy',
  async (journal) => {
    const path = join(await temporaryFolder(), 'registry.db')
    const reports = await Promise.all(['a', 'b', 'c', 'd'].map((name) => hammer(path, name, journal)))
    expect(reports.flatMap(({ failures }) => failures)).toEqual([])

    const store = await openSqliteMetadataStore({ path, journal })
    onTestFinished(() => store.close())
    const shared = parseModelId('shared')
    const published = reports.flatMap((report) => report.published)
    expect(new Set(published).size).toBe(published.length)
    for (const report of reports) expect(report.published.length).toBeGreaterThan(1)
    for (const report of reports)
      for (const version of report.published)
        expect(
          await store.findVersion(shared, { is: 'version', version: parseVersion(version) }),
        ).toMatchObject({
          createdBy: report.name,
          tags: { by: report.name },
        })

    const versions = await store.listVersions(shared, { limit: 10_000 })
    expect(versions).toHaveLength(published.length)
    const numbers = versions.map(({ number }) => number).sort((a, b) => a - b)
    expect(numbers).toEqual(numbers.map((_, i) => i + 1))

    const deployments = [...(await store.listDeployments({ limit: 10_000 }))].reverse()
    expect(deployments.map(({ id }) => id).sort()).toEqual(
      reports.flatMap((report) => report.deployments).sort(),
    )
    expect(deployments.map(({ fence }) => fence)).toEqual(deployments.map((_, i) => i + 1))
    for (const [i, deployment] of deployments.entries())
      expect(deployment.previousId).toBe(deployments[i - 1]?.id)
    expect(deployments.filter(({ status }) => status === 'active')).toEqual([
      await store.findActive(shared, PRODUCTION),
    ])
    expect(await store.listUnfinished()).toEqual([])
  },
)
