import { sep } from 'node:path'
import { type S3Address, splitS3Address } from '../../../domain/s3-address.js'

/** Where an object lies below the root. */
export interface Place {
  readonly address: S3Address
  readonly bucket: string
  readonly key: string
  /** Absolute path of the object's file. */
  readonly path: string
  /** Absolute paths of the folders that hold it: the root, the bucket, and so on down. */
  readonly folders: readonly string[]
}

/** Absolute path of the object's file alone. */
export function pathOf(root: string, address: S3Address): string {
  const path = address.slice('s3://'.length)
  return `${root}${sep}${sep === '/' ? path : path.replaceAll('/', sep)}`
}

/** Joined without path.join, which looks for `..`: an S3Address has none. */
export function placeOf(root: string, address: S3Address): Place {
  const { bucket, key } = splitS3Address(address)
  const folders = [root]
  let path = `${root}${sep}${bucket}`
  for (const name of key.split('/')) {
    folders.push(path)
    path = `${path}${sep}${name}`
  }
  return { address, bucket, key, path, folders }
}
