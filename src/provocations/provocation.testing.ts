import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { temporaryFolder } from '../../test/support/temporary-folder.js'
import {
  createModelRegistry,
  isModelRegistryError,
  type ModelMetadata,
  type Registry,
  type RegistryOptions,
} from '../index.js'

/** What came of it, by the words of the catalog. */
export interface Provoked {
  readonly code: string
  readonly cause: string
}

/** A test that cannot be done on this machine says why. */
type Skip = (reason: string) => never

/** Makes a failure happen for real, through the public API alone. */
export interface Provocation extends Provoked {
  readonly how: string
  readonly provoke: (skip: Skip) => Promise<Provoked>
}

export const metadata: ModelMetadata = {
  modelId: 'btc-lstm',
  version: '1.0.0',
  modelType: 'lstm',
  inputShape: [60, 5],
  outputShape: [1],
}

export interface Opened {
  readonly registry: Registry
  readonly home: string
}

export async function opened(options: RegistryOptions = {}): Promise<Opened> {
  const home = options.home ?? (await temporaryFolder())
  const registry = await createModelRegistry({ ...options, home })
  onTestFinished(() => registry.close())
  return { registry, home }
}

export const save = ({ registry }: Pick<Opened, 'registry'>, more: Partial<ModelMetadata> = {}) =>
  registry.saveModel({ w: [1, 2, 3] }, { ...metadata, ...more })

/** Where an object of the folder store lies. */
export function placeOf({ home }: Pick<Opened, 'home'>, address: string): string {
  return join(home, 'artifacts', ...address.slice('s3://'.length).split('/'))
}

/** The code and the cause of what `work` throws. Anything but an error of the catalog fails the test. */
export async function failureOf(work: PromiseLike<unknown> | (() => unknown)): Promise<Provoked> {
  try {
    await (typeof work === 'function' ? work() : work)
  } catch (error) {
    if (isModelRegistryError(error)) return { code: error.code, cause: error.reason.id }
    throw error
  }
  throw new Error('nothing failed')
}
