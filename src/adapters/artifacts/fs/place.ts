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

/** Absolute path of an object's file. Without path.join, which looks for `..`: an S3Address has none. */
export function objectPath(root: string, address: S3Address): string {
  const path = address.slice('s3://'.length)
  return `${root}${sep}${sep === '/' ? path : path.replaceAll('/', sep)}`
}

export function placeOf(root: string, address: S3Address): Place {
  const { bucket, key } = splitS3Address(address)
  const folders = [root]
  let folder = `${root}${sep}${bucket}`
  for (const name of key.split('/')) {
    folders.push(folder)
    folder = `${folder}${sep}${name}`
  }
  return { address, bucket, key, path: objectPath(root, address), folders }
}
