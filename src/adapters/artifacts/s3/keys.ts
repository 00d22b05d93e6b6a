/** Where the store tries itself out, below its prefix. No object of a registry lies there. */
export const PROBE_FOLDER = '.modelry/probe'

/** The key of `name` below the prefix of a store. */
export function keyUnder(prefix: string | undefined, name: string): string {
  return prefix === undefined ? name : `${prefix}/${name}`
}
