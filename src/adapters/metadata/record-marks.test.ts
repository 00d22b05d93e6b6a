import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../../test/support/temporary-folder.js'
import { CHAMPION, MODEL, metadataSubject, V1, V2 } from '../../ports/testing/metadata/metadata-subject.js'
import { openSqliteMetadataStore } from './sqlite.js'
import { manualClock } from './testing/manual-clock.js'

it('a record that gained or lost a mark is, byte for byte, the one that is gathered from the tables', async () => {
  const clock = manualClock()
  const path = join(await temporaryFolder(), 'registry.db')
  const { store, ...subject } = metadataSubject({
    store: await openSqliteMetadataStore({ path, now: clock.now }),
    clock,
  })
  for (const version of [V1, V2]) await subject.saved(MODEL, version)
  const textOf = (version: typeof V1) => store.texts.findVersion(MODEL, { is: 'version', version })
  for (const version of [V1, V2, V1]) {
    await store.setAlias(MODEL, CHAMPION, version, 'ann')
    await subject.deployed(version)
    const marked = [await textOf(V1), await textOf(V2)]
    for (const each of [V1, V2])
      for (const description of ['for now', null])
        await store.updateVersion(MODEL, each, { description }, 'ann')
    expect(marked).toEqual([await textOf(V1), await textOf(V2)])
  }
  await store.close()
})
