import { linkSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { addressOf, type DataSet, SPARE_OBJECT, versionsOf, WEIGHTS } from './data-set.ts'
import { seedDatabase } from './seed-database.ts'

/** ext4 takes 65,000 links to a file. */
const LINKS_EACH = 50_000

/** Makes the registry under `home` that has the versions of `set`, each with its file. */
export async function seed(home: string, set: DataSet): Promise<void> {
  mkdirSync(home, { recursive: true })
  await seedDatabase(join(home, 'registry.db'), set)
  seedObjects(join(home, 'artifacts'), set)
}

function seedObjects(root: string, set: DataSet): void {
  const pathOf = (address: string) => join(root, address.slice('s3://'.length))
  const spare = pathOf(SPARE_OBJECT)
  mkdirSync(dirname(spare), { recursive: true })
  writeFileSync(spare, WEIGHTS)
  let original = ''
  for (const { modelId, version, n } of versionsOf(set)) {
    const path = pathOf(addressOf(modelId, version))
    mkdirSync(dirname(path), { recursive: true })
    if (n % LINKS_EACH > 0) {
      linkSync(original, path)
      continue
    }
    writeFileSync(path, WEIGHTS)
    original = path
  }
}
