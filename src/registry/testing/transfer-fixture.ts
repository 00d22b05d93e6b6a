import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder } from '../../../test/support/temporary-folder.js'
import { FsArtifactStore } from '../../adapters/artifacts/fs.js'
import { type S3Address, splitS3Address } from '../../domain/s3-address.js'
import { fromParts } from '../../sources/from-parts.js'
import type { ModelSource } from '../../sources/model-source.js'
import { sha256Of } from '../digest.js'
import type { ExportPlace } from '../export-place.js'
import type { Registry } from '../registry.js'
import type { engineWith } from './engine-with.js'
import { metadata } from './registry-fixture.js'

type Engine = Awaited<ReturnType<typeof engineWith>>

/** A folder for exports. */
export async function folderPlace(): Promise<ExportPlace & { readonly root: string }> {
  const root = await temporaryFolder()
  return {
    root,
    store: new FsArtifactStore({ root }),
    prefix: 's3://registry',
    shown: root,
    holds: 'exports' as const,
  }
}

/** Three models with something of everything, and one that was deleted. */
export async function fillRegistry({ registry, metadata: store }: Pick<Engine, 'registry' | 'metadata'>) {
  const save = (modelId: string, version: string, parts: Record<string, ModelSource>) =>
    registry.saveModel(fromParts(parts), {
      ...metadata,
      modelId,
      version,
      description: `${modelId} ${version}`,
      tags: { of: modelId },
      hyperparameters: { layers: [1, 2, { units: 0.1 }] },
    })
  const weights = (fill: number) => new Uint8Array(200_000).fill(fill)
  await save('btc-lstm', '1.0.0', { 'model.json': { a: 1 }, 'weights.bin': weights(1) })
  await save('eth-lstm', '1.0.0', { 'model.json': { a: 1 }, 'weights.bin': weights(2) })
  await save('btc-lstm', '2.0.0', { 'model.json': { a: 2 }, 'weights.bin': weights(1) })
  await save('team/vad', '0.1.0-rc.1', { 'empty.bin': new Uint8Array(0), 'deep/er/model.json': {} })
  await save('team/gone', '1.0.0', { 'model.json': { gone: true } })
  await registry.deleteModel('team/gone', '1.0.0')
  await registry.deployModel('btc-lstm', '1.0.0', { environment: 'production' })
  await registry.deployModel('btc-lstm', '2.0.0', { environment: 'production' })
  await registry.rollbackDeployment('btc-lstm', 'production')
  await registry.deployModel('eth-lstm', '1.0.0', { environment: 'staging' })
  await registry.setAlias('btc-lstm', 'champion', '2.0.0')
  await registry.archiveModel('btc-lstm', '2.0.0')
  await store.addToken({
    name: 'ci',
    hash: sha256Of('0'.repeat(64)),
    scopes: ['read'],
    createdAt: '2026-01-31T12:00:00.000Z',
  })
}

/** What a registry answers to whoever reads it, with the bytes of every file. */
export async function everythingOf(registry: Registry) {
  const versions = []
  for (const record of await registry.listModels({ limit: 1000 })) {
    const loaded = await registry.loadModel(record.modelId, record.version)
    const bytes: Record<string, string> = {}
    for (const { path } of record.files)
      bytes[path] = Buffer.from(await loaded.bytes(path)).toString('base64')
    versions.push({ record, bytes })
  }
  return {
    versions,
    champion: await registry.getModel('btc-lstm', 'champion'),
    latest: await registry.getModel('btc-lstm', 'latest'),
    deployments: [...(await registry.listDeployments({ limit: 1000 }))],
    history: [...(await registry.listHistory({ limit: 1000 }))],
  }
}

export function pathOf(root: string, address: S3Address): string {
  const { bucket, key } = splitS3Address(address)
  return join(root, bucket, key)
}

/** Changes the byte in the middle of a file. */
export async function damage(path: string): Promise<void> {
  const handle = await open(path, 'r+')
  try {
    const { size } = await handle.stat()
    const byte = new Uint8Array(1)
    const at = Math.floor(size / 2)
    await handle.read(byte, 0, 1, at)
    await handle.write(
      byte.map((value) => value ^ 1),
      0,
      1,
      at,
    )
  } finally {
    await handle.close()
  }
}
