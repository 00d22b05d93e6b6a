import { describe, expect, it } from 'vitest'
import { parseS3Address } from '../domain/s3-address.js'
import { bytes } from '../ports/testing/contract-bytes.js'
import { fromParts } from '../sources/from-parts.js'
import { engineWith, LEASE_MS } from './testing/engine-with.js'
import { metadata } from './testing/registry-fixture.js'

describe('a save in steps', () => {
  it('is published with exactly the files that were announced', async () => {
    const { saves, registry } = await engineWith()
    const { saveId } = await saves.begin(metadata, ['a.bin', 'b/c.bin'], {})
    await saves.putFile(saveId, 'a.bin', bytes('a'), {})
    const early = await saves.publish(saveId, {}).catch((e) => e)
    expect(early.code).toBe('MODEL_VALIDATION_FAILED')
    expect(early.message).toContain('b/c.bin')
    for (const path of ['other.bin', 'A.bin', '../up'])
      expect((await saves.putFile(saveId, path, bytes('x'), {}).catch((e) => e)).code).toBe(
        'MODEL_VALIDATION_FAILED',
      )
    await saves.putFile(saveId, 'b/c.bin', bytes('c'), {})
    const record = await saves.publish(saveId, {})
    expect(record.files.map(({ path }) => path)).toEqual(['a.bin', 'b/c.bin'])
    expect(await registry.getModel('btc-lstm', '1.0.0', { verify: 'content' })).not.toBeNull()
  })

  it.each([['a', 'a/b'], ['a.bin', 'A.bin'], ['x', 'x'], ['../up']])(
    'does not begin with the paths %j and %j',
    async (...paths) => {
      const { saves } = await engineWith()
      const given = paths.filter((path) => typeof path === 'string')
      expect((await saves.begin(metadata, given, {}).catch((e) => e)).code).toBe('MODEL_VALIDATION_FAILED')
    },
  )

  it('is either published with its bytes or discarded, when both are asked for at once', async () => {
    const { saves, registry, findings } = await engineWith()
    for (let n = 0; n < 20; n++) {
      const version = `1.${n}.0`
      const { saveId } = await saves.begin({ ...metadata, version }, ['a.bin'], {})
      await saves.putFile(saveId, 'a.bin', bytes('content'), {})
      const both = [() => saves.discard(saveId), () => saves.publish(saveId, {})]
      await Promise.allSettled((n % 2 === 0 ? both : both.reverse()).map((call) => call()))
      const record = await registry.getModel('btc-lstm', version, { verify: 'content' })
      expect(record === null || record.files.length === 1).toBe(true)
    }
    expect(await findings()).toEqual([])
  })

  it('answers a file that is sent again, after an answer that was lost, with what is stored', async () => {
    const { saves } = await engineWith()
    const { saveId } = await saves.begin(metadata, ['a.bin'], {})
    const first = await saves.putFile(saveId, 'a.bin', bytes('same'), {})
    expect(await saves.putFile(saveId, 'a.bin', bytes('same'), {})).toEqual(first)
  })

  it('takes a file that a server stored before it ended, and had not recorded', async () => {
    const { saves, artifacts, registry } = await engineWith()
    const { saveId, s3Path } = await saves.begin(metadata, ['a.bin'], {})
    await artifacts.put(parseS3Address(s3Path), bytes('same'))
    const file = await saves.putFile(saveId, 'a.bin', bytes('same'), {})
    expect(file).toMatchObject({ address: s3Path, size: 4, ownership: 'registry' })
    await saves.publish(saveId, {})
    expect(await registry.getModel('btc-lstm', '1.0.0', { verify: 'content' })).not.toBeNull()
  })

  it('does not begin at an address of the form that the registry chooses, where the next save would tidy up', async () => {
    const { saves, registry, artifacts } = await engineWith()
    const s3Path = 's3://models/btc-lstm/1.0.0/01890a5d-ac96-774b-bcce-b302099a8057'
    await artifacts.put(parseS3Address(`${s3Path}/theirs.bin`), bytes('theirs'))
    for (const begun of [
      saves.begin({ ...metadata, s3Path }, ['a.bin', 'b.bin'], {}),
      registry.saveModel(fromParts({ a: 1, b: 2 }), { ...metadata, s3Path }),
    ]) {
      const error = await begun.catch((e) => e)
      expect(error).toMatchObject({ code: 'MODEL_VALIDATION_FAILED' })
      expect(error.message).toContain(s3Path)
    }
    expect(await artifacts.stat(parseS3Address(`${s3Path}/theirs.bin`))).toMatchObject({ size: 6 })
  })

  it('that died at an address of its caller’s leaves to the next one what others have there', async () => {
    const { saves, registry, artifacts, advance } = await engineWith()
    const s3Path = 's3://models/btc-lstm/1.0.0/data'
    const foreign = parseS3Address(`${s3Path}/theirs.bin`)
    await artifacts.put(foreign, bytes('theirs'))
    await saves.begin({ ...metadata, s3Path }, ['a.bin', 'b.bin'], {})
    advance(LEASE_MS)
    const record = await registry.saveModel(fromParts({ a: 1, b: 2 }), metadata)
    expect(record.s3Path).not.toBe(s3Path)
    expect(await artifacts.stat(foreign)).toMatchObject({ size: 6 })
  })
})
