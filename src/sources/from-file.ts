import type { Stats } from 'node:fs'
import { access, constants, stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { found } from '../domain/refuse.js'
import { notAModel, refuseModel, toModelParts } from './draft.js'
import { mediaTypeOf } from './media-type.js'
import { type PartsSource, partsOf } from './model-source.js'
import { readSeenFile } from './read-file.js'
import { unreadableProblem } from './unreadable.js'

export interface FromFileOptions {
  /** The path of the file in the version; its own name by default. */
  readonly as?: string
  /** By the name by default. */
  readonly mediaType?: string
}

/**
 * A file of this machine as a model of one file. It is streamed when the model is saved, and never held whole.
 *
 * The save fails with ModelValidationError when there is no such file, or it cannot be read; with S3UploadError, reason
 * `source-failed`, when it changes while it is read. Nothing is recorded either way.
 */
export function fromFile(path: string, options: FromFileOptions = {}): PartsSource {
  return {
    async [partsOf]() {
      if (typeof path !== 'string') refuseModel([notAModel('', found(path), 'the path of a file')])
      const full = resolve(path)
      const seen = await look(path, full)
      const name = options?.as ?? basename(full)
      return toModelParts([
        {
          is: 'bytes',
          path: name,
          mediaType: options?.mediaType ?? mediaTypeOf(name),
          size: seen.size,
          reads: 'again',
          open: () => readSeenFile(full, seen, 'follow'),
        },
      ])
    },
  }
}

async function look(path: string, full: string): Promise<Stats> {
  const seen = await readable(path, full)
  if (seen.isDirectory())
    refuseModel([notAModel('', `the folder ${path}`, 'a file; a folder is given with fromFolder')])
  if (!seen.isFile())
    refuseModel([notAModel('', `${path}, which is a device, a pipe or a socket`, 'a file, or its stream')])
  return seen
}

async function readable(path: string, full: string): Promise<Stats> {
  try {
    await access(full, constants.R_OK)
    return await stat(full)
  } catch (error) {
    const problem = unreadableProblem(error, path, 'a file that can be read')
    if (problem !== undefined) refuseModel([problem], error)
    throw error
  }
}
