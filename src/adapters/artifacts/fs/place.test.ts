import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parseS3Address } from '../../../domain/s3-address.js'
import { objectPath, placeOf } from './place.js'

it.each(['s3://models/a', 's3://models/ns/a b/1.0.0+x/w..bin', 's3://b-1/ü/%2e%2e/c'])(
  'gives %s its file',
  (text) => {
    const address = parseS3Address(text)
    const root = join('/', 'srv', 'artifacts')
    expect(objectPath(root, address)).toBe(join(root, ...text.slice('s3://'.length).split('/')))
    const { path, folders } = placeOf(root, address)
    expect(path).toBe(objectPath(root, address))
    expect(folders.map((folder) => join(folder, '.'))).toEqual(folders)
    expect(join(String(folders.at(-1)), text.slice(text.lastIndexOf('/') + 1))).toBe(path)
  },
)
