import { randomUUID } from 'node:crypto'
import { readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished } from 'vitest'
import { mountMemory } from '../../../test/support/mounted.js'
import { temporaryFolder } from '../../../test/support/temporary-folder.js'
import { parseEnvironment } from '../../domain/environment.js'
import { parseFilePath } from '../../domain/file-path.js'
import { parseModelId } from '../../domain/model-id.js'
import type { ModelFile } from '../../domain/model-record.js'
import { splitS3Address, toS3Address } from '../../domain/s3-address.js'
import { isSha256 } from '../../domain/sha256.js'
import { parseVersion } from '../../domain/version.js'
import { errorOf } from './fix-clauses.js'
import { LEASE_MS, metadata, type RepairShop, repairShop } from './repair-shop.js'

export const modelId = parseModelId(metadata.modelId)
export const environment = parseEnvironment('production')
export const save = (shop: RepairShop, version = '1.0.0') =>
  shop.registry.saveModel({ version }, { ...metadata, version })
export const deploy = (shop: RepairShop, version = '1.0.0') =>
  shop.registry.deployModel(modelId, version, { environment })

/** Another who approves the version. */
export async function approve(shop: RepairShop): Promise<void> {
  await shop.registry.approveDeployment(modelId, '1.0.0', 'guarded', { actor: 'bob' })
}

/** Another process that has begun to write, and does not end. */
export function lockDatabase(shop: RepairShop): () => void {
  const other = new DatabaseSync(join(shop.home, 'registry.db'))
  onTestFinished(() => other.close())
  other.exec('begin immediate')
  return () => {
    if (other.isTransaction) other.exec('rollback')
  }
}

/** Another process that has reserved the version. */
export async function reserve(shop: RepairShop): Promise<string> {
  const { modelType } = metadata
  const [inputShape, outputShape] = [[...metadata.inputShape], [...metadata.outputShape]]
  const saveId = randomUUID()
  const version = parseVersion('1.0.0')
  const s3Path = toS3Address('models', `btc-lstm/1.0.0/${saveId}/model.json`)
  const answer = await shop.metadata.reserveVersion(
    {
      ...{ modelId, version, modelType, inputShape, outputShape },
      ...{ saveId, s3Path, layout: 'file', actor: 'other' },
    },
    LEASE_MS,
  )
  expect(answer.is).toBe('reserved')
  return saveId
}

/** Another process that is deploying 2.0.0. */
export async function lock(shop: RepairShop) {
  const held = { modelId, environment, lockId: randomUUID() }
  await shop.metadata.acquireLock({ ...held, holder: 'ci:7', purpose: 'deploy 2.0.0', leaseMs: LEASE_MS })
  return {
    async deploys() {
      await shop.metadata.activate({ lock: held, version: parseVersion('2.0.0'), actor: 'ci' })
      await shop.metadata.releaseLock(held)
    },
  }
}

export function pathOf(shop: RepairShop, { address }: Pick<ModelFile, 'address'>): string {
  const { bucket, key } = splitS3Address(address)
  return join(shop.home, 'artifacts', bucket, key)
}

/** Cuts the only file of the version, as a copy that is still under way would have. */
export async function cut(shop: RepairShop): Promise<() => Promise<void>> {
  const { files } = await save(shop)
  const [file] = files
  if (file === undefined) throw new TypeError('the version has no file')
  const path = pathOf(shop, file)
  const bytes = await readFile(path)
  await truncate(path, 3)
  return () => writeFile(path, bytes)
}

export async function publish(shop: RepairShop, saveId: string): Promise<void> {
  const sha256 = 'a'.repeat(64)
  if (!isSha256(sha256)) throw new TypeError('that is no SHA-256')
  const found = await shop.metadata.findSave(saveId)
  if (found === undefined) throw new TypeError('the save is gone')
  const file: ModelFile = {
    ...{ path: parseFilePath('model.json'), size: 1, sha256, mediaType: 'application/json' },
    ...{ address: found.s3Path, ownership: 'registry' },
  }
  const answer = await shop.metadata.publishVersion(saveId, { files: [file], digest: sha256 }, 'other')
  expect(answer.is).toBe('published')
}

/**
 * A disk that the log of the database has filled: another process reads an old state, so that nothing of the log can be
 * moved into the database, and every change makes it longer.
 *
 * @returns ends that, and frees a little of the disk: too little for the call, and enough to move the log.
 */
export async function filledByLog(shop: RepairShop): Promise<() => Promise<void>> {
  const ballast = join(shop.home, 'ballast')
  await writeFile(ballast, new Uint8Array(BALLAST_BYTES))
  const change = (n: number) =>
    shop.registry.updateMetadata(modelId, '1.0.0', { description: `${n % 10}`.repeat(9_000) })
  await save(shop)
  await change(0)
  await shop.metadata.reclaimSpace()
  const reader = new DatabaseSync(join(shop.home, 'registry.db'), { readOnly: true })
  onTestFinished(() => {
    if (reader.isOpen) reader.close()
  })
  reader.exec('begin')
  reader.prepare('select count(*) from trained_models').get()
  const error = await errorOf(async () => {
    for (let n = 0; n < 10_000; n++) await change(n)
  })
  expect(error.reason.id).toBe('sqlite-full')
  return async () => {
    reader.close()
    await rm(ballast)
  }
}

const BALLAST_BYTES = 48 * 1024
export const saveLarge = (shop: RepairShop) =>
  shop.registry.saveModel(
    {},
    { ...metadata, version: '2.0.0', hyperparameters: { large: 'x'.repeat(60_000) } },
  )

export const onSmallDisk = async (skip: (reason: string) => void) => {
  const home = await temporaryFolder()
  const reason = mountMemory(home, '4m')
  if (reason !== undefined) skip(reason)
  return repairShop(home)
}
