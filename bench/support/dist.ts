import { fileURLToPath } from 'node:url'

// Benches measure what is shipped, so they load dist; the types come from the sources that it is built from.
const dist = new URL('../../dist/', import.meta.url)

export const cliMain = fileURLToPath(new URL('cli/main.js', dist))

export const sqlite = (): Promise<typeof import('../../src/adapters/metadata/sqlite.js')> =>
  import(`${dist}adapters/metadata/sqlite.js`)

export const postgres = (): Promise<typeof import('../../src/adapters/metadata/postgres.js')> =>
  import(`${dist}adapters/metadata/postgres.js`)

export const searchTexts = (): Promise<typeof import('../../src/adapters/metadata/search-text.js')> =>
  import(`${dist}adapters/metadata/search-text.js`)

export const versions = (): Promise<typeof import('../../src/domain/version.js')> =>
  import(`${dist}domain/version.js`)
