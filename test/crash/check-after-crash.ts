import { readdir } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { expect } from 'vitest'
import type { Registry, ScanFinding } from '../../src/registry/registry.js'

/**
 * What must hold after a crash, wherever it came:
 * - every visible version has all its files, byte for byte;
 * - at most one deployment is active for each (model, environment), and its version is visible;
 * - every file on disk belongs to a visible version or is listed by a scan.
 */
export async function checkAfterCrash(registry: Registry, home: string): Promise<ScanFinding[]> {
  const accounted = new Set<string>()
  for (const { modelId, version, files } of await registry.listModels({ limit: 1000 })) {
    const record = await registry.getModel(modelId, version, { verify: 'content' })
    expect(record).not.toBeNull()
    for (const file of files) accounted.add(file.address)
  }
  const active = (await registry.listDeployments({ limit: 1000 })).filter(({ status }) => status === 'active')
  const places = active.map(({ modelId, environment }) => `${modelId} ${environment}`)
  expect(new Set(places).size).toBe(places.length)
  for (const { modelId, version } of active)
    expect(await registry.getModel(modelId, version, { verify: 'none' })).not.toBeNull()

  const findings: ScanFinding[] = []
  for await (const finding of registry.scan()) findings.push(finding)
  expect(findings.filter(({ is }) => is === 'missing-file')).toEqual([])
  const listed = findings.map((finding) => finding.address ?? finding.at ?? '')
  for (const path of await filesUnder(join(home, 'artifacts'))) {
    const address = `s3://${relative(join(home, 'artifacts'), path).split(sep).join('/')}`
    const known =
      accounted.has(address) ||
      listed.some((at) => at === path || at === address || address.startsWith(`${at}/`))
    expect(known, `${path} is left behind and no scan lists it`).toBe(true)
  }
  return findings
}

async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}
