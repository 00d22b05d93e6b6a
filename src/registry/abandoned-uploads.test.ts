import { describe, expect, it } from 'vitest'
import { eventually } from '../../test/support/eventually.js'
import { parseModelId } from '../domain/model-id.js'
import { parseS3Address, type S3Address } from '../domain/s3-address.js'
import { parseVersion } from '../domain/version.js'
import { draftOf } from '../ports/testing/metadata/metadata-subject.js'
import { AbandonedUploads } from './abandoned-uploads.js'
import { engineWith } from './testing/engine-with.js'

/** Real reservations, and a store that only notes which uploads it was told to end. */
async function watched(abort: (uploadId: string) => Promise<void> = async () => {}) {
  const { metadata } = await engineWith()
  const ended: string[] = []
  const direct = {
    abort: async (_address: S3Address, uploadId: string) => {
      await abort(uploadId)
      ended.push(uploadId)
    },
  }
  const abandoned = new AbandonedUploads({ metadata, artifacts: { direct }, saveLeaseMs: 1 })
  return { metadata, ended, abandoned }
}

const folder = parseS3Address('s3://models/btc/1.0.0/place')
const upload = (uploadId: string, address: string = `${folder}/w.bin`) => ({
  uploadId,
  address: parseS3Address(address),
})

describe('uploads whose save is gone', () => {
  it('are ended, but for those at a place where a living save goes on', async () => {
    const { metadata, ended, abandoned } = await watched()
    const living = draftOf(parseModelId('btc'), parseVersion('1.0.0'), { s3Path: folder })
    await metadata.reserveVersion(living, 60_000)
    await abandoned.watch('dead', upload('resumed'))
    await abandoned.watch('gone', upload('left', 's3://models/btc/1.1.0/place/w.bin'))
    await eventually(async () => expect(ended).toEqual(['left']))
    await metadata.releaseReservation(living.saveId)
    await abandoned.watch('later', upload('next'))
    await eventually(async () => expect(ended).toEqual(['left', 'next']))
  })

  it('are ended though one of them cannot be, which is tried again', async () => {
    let fails = true
    const { ended, abandoned } = await watched(async (uploadId) => {
      if (uploadId === 'stuck' && fails) throw new TypeError('the store refuses it')
    })
    await abandoned.watch('one', upload('stuck'))
    await abandoned.watch('two', upload('free'))
    await eventually(async () => expect(ended).toEqual(['free']))
    fails = false
    await eventually(async () => expect(ended).toEqual(['free', 'stuck']))
  })

  it('are at most four of one file: the oldest ends where another is begun', async () => {
    const { ended, abandoned } = await watched()
    const all = ['1', '2', '3', '4', '5', '6']
    await Promise.all(all.map((id) => abandoned.watch('busy', upload(id))))
    await abandoned.watch('busy', upload('of another file', `${folder}/other.bin`))
    expect(ended).toEqual(['1', '2'])
  })

  it('are not forgotten where the oldest cannot be ended, and the new one begins', async () => {
    let fails = true
    const { ended, abandoned } = await watched(async () => {
      if (fails) throw new TypeError('the store is away')
    })
    for (const id of ['1', '2', '3', '4', '5']) await abandoned.watch('busy', upload(id))
    fails = false
    await abandoned.end('busy')
    expect(ended).toEqual(['1', '2', '3', '4', '5'])
  })
})
