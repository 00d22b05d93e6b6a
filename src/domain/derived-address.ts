import type { S3Address } from './s3-address.js'

/** The id of a save, which is a UUID (RFC 9562). */
const SAVE_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Whether it is the id of a save, and not what became of one that is being taken back. */
export function isSaveId(text: string): boolean {
  return SAVE_ID.test(text)
}

/**
 * What follows the id of a save in an address of the form that the registry derives: `<below>/<save id>/<rest>`. The form
 * is the registry's alone, so that what lies there was written by one of its saves.
 *
 * @param below - the folder of the version.
 * @returns empty for the folder of the save itself; undefined for an address of another form.
 */
export function pathInSave(address: S3Address, below: S3Address): string | undefined {
  if (!address.startsWith(`${below}/`)) return undefined
  const [saveId = '', ...rest] = address.slice(below.length + 1).split('/')
  return isSaveId(saveId) ? rest.join('/') : undefined
}
