import type { ModelMetadata } from '../../domain/metadata.js'
import type { ModelFile, ModelRecord } from '../../domain/model-record.js'
import type { Environments } from '../../domain/policy.js'
import type { Registry } from '../registry.js'

/** A registry under test, and what a person with a shell on its machine could do to its files. */
export interface RegistryUnderTest {
  readonly registry: Registry
  /** Below which address a test may choose addresses of its own, where not every bucket will do. */
  readonly givenBelow?: string
  /** Below which address the registry chooses addresses, where that is not `s3://models`. */
  readonly chosenBelow?: string
  /** Changes one byte of a stored file. */
  damage(file: ModelFile): Promise<void>
  /** Removes a stored file. */
  remove(file: ModelFile): Promise<void>
  close(): Promise<void>
}

export type OpenRegistry = (settings: { environments?: Environments }) => Promise<RegistryUnderTest>

/** What the clauses of the contract work with: the registry of the running test. */
export interface RegistryFixture {
  readonly under: RegistryUnderTest
  readonly registry: Registry
  /** Closes the registry and opens another with these settings. */
  restart(settings: { environments?: Environments }): Promise<void>
  /** An address that the registry did not choose. */
  given(path: string): string
  save(version: string, more?: Partial<ModelMetadata>, model?: unknown): Promise<ModelRecord>
  /** What a scan finds, each as `<kind> <address>`. */
  findings(): Promise<string[]>
}

export const metadata: ModelMetadata = {
  modelId: 'btc-lstm',
  version: '1.0.0',
  modelType: 'lstm',
  inputShape: [60, 5],
  outputShape: [1],
}

export function createFixture(open: OpenRegistry) {
  let under: RegistryUnderTest | undefined
  const current = (): RegistryUnderTest => {
    if (under === undefined) throw new TypeError('no registry is open')
    return under
  }
  const fixture: RegistryFixture = {
    get under() {
      return current()
    },
    get registry() {
      return current().registry
    },
    async restart(settings) {
      await under?.close()
      under = await open(settings)
    },
    given: (path) => `${current().givenBelow ?? 's3://elsewhere'}/${path}`,
    save: (version, more = {}, model = { version }) =>
      fixture.registry.saveModel(JSON.parse(JSON.stringify(model)), { ...metadata, version, ...more }),
    async findings() {
      const found: string[] = []
      for await (const finding of fixture.registry.scan())
        found.push(`${finding.is} ${finding.address ?? ''}`)
      return found
    },
  }
  return fixture
}
