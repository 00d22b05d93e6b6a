import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder that holds package.json. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** The absolute path of something in the project. */
export const inProject = (...parts) => join(root, ...parts)

export const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'))

/** The text of a file, or undefined where there is none. */
export function textOf(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** One line for the person at the terminal. It goes to stderr, so that stdout stays the program's own. */
export const say = (line) => process.stderr.write(`${line}\n`)
