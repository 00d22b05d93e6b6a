import { expect, it } from 'vitest'
import { seededRandom } from '../../test/support/seed.js'
import { DeploymentError, ModelNotFoundError } from '../errors/index.js'
import { fromParts } from '../sources/from-parts.js'
import type { Registry } from './registry.js'
import { engineWith } from './testing/engine-with.js'
import { metadata } from './testing/registry-fixture.js'
import { folderPlace } from './testing/transfer-fixture.js'

const EXPORTS = 20

/** Saves, deletes, deploys and names versions until it is told to stop. */
async function write(registry: Registry, random: { below(limit: number): number }, isOver: () => boolean) {
  for (let n = 0; !isOver(); n++) {
    const version = `1.0.${n}`
    await registry.saveModel(
      fromParts({ 'a.bin': new Uint8Array(20_000).fill(n), 'b.bin': new Uint8Array(20_000).fill(n + 1) }),
      { ...metadata, version },
    )
    if (random.below(2) === 0) await registry.deployModel('btc-lstm', version, { environment: 'production' })
    if (random.below(2) === 0) await registry.setAlias('btc-lstm', 'champion', version)
    const other = `1.0.${random.below(n + 1)}`
    // The active one is refused, and one that is gone is not there.
    await registry.deleteModel('btc-lstm', other).catch((error: unknown) => {
      if (!(error instanceof ModelNotFoundError) && !(error instanceof DeploymentError)) throw error
    })
  }
}

it('an export while others save, deploy and delete is a whole registry', { timeout: 120_000 }, async () => {
  const { registry, exportTo } = await engineWith()
  const random = seededRandom('what is written while an export runs')
  let over = false
  const writing = Promise.all([write(registry, random, () => over)])
  const places = []
  try {
    for (let i = 0; i < EXPORTS; i++) {
      const place = await folderPlace()
      await exportTo(place)
      places.push(place)
    }
  } finally {
    over = true
    await writing
  }
  for (const place of places) {
    const other = await engineWith()
    await other.importFrom(place)
    expect(await other.findings()).toEqual([])
    const versions = await other.registry.listModels({ limit: 1000 })
    for (const { modelId, version } of versions) {
      const loaded = await other.registry.loadModel(modelId, version)
      for (const { path } of loaded.files) await loaded.bytes(path)
    }
    const deployments = [...(await other.registry.listDeployments({ limit: 1000 }))].reverse()
    expect(deployments.map(({ fence }) => fence)).toEqual(deployments.map((_, i) => i + 1))
    for (const [i, { previousId }] of deployments.entries()) expect(previousId).toBe(deployments[i - 1]?.id)
    const active = deployments.filter(({ status }) => status === 'active')
    expect(active).toEqual(deployments.slice(-1))
    for (const { version } of active) expect(versions.map((record) => record.version)).toContain(version)
    const saved = (await other.registry.listHistory({ limit: 1000 })).filter(
      ({ action }) => action === 'saved',
    )
    expect(Math.max(0, ...versions.map(({ number }) => number))).toBeLessThanOrEqual(saved.length)
  }
})
