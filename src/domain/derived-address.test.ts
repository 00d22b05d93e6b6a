import { describe, expect, it } from 'vitest'
import { pathInSave } from './derived-address.js'
import { parseS3Address } from './s3-address.js'

const below = parseS3Address('s3://models/btc/1.0.0')
const ID = '01890a5d-ac96-774b-bcce-b302099a8057'

describe('an address that the registry derives', () => {
  it.each([
    ['the folder of a save', `${below}/${ID}`, ''],
    ['a file in it', `${below}/${ID}/w.bin`, 'w.bin'],
    ['a file in a folder of it', `${below}/${ID}/a/w.bin`, 'a/w.bin'],
    ['the folder of the version', `${below}`, undefined],
    ['any other folder', `${below}/data`, undefined],
    ['a longer name', `${below}/${ID}x`, undefined],
    ['another version', `s3://models/btc/1.0.0-a/${ID}`, undefined],
  ])('is told by its form: %s', (_, address, path) => {
    expect(pathInSave(parseS3Address(address), below)).toBe(path)
  })
})
