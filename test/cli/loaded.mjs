// Preloaded with --import: writes the address of every module that the program loads after it to the file that
// LOADED_MODULES names; with WITHOUT set, the package of that name cannot be found.
import { writeFileSync } from 'node:fs'
import { registerHooks } from 'node:module'

const { LOADED_MODULES, WITHOUT } = process.env
const loaded = []

registerHooks({
  resolve(specifier, context, next) {
    if (specifier === WITHOUT)
      throw Object.assign(new Error(`Cannot find package '${specifier}'`), { code: 'ERR_MODULE_NOT_FOUND' })
    return next(specifier, context)
  },
  load(url, context, next) {
    loaded.push(url)
    return next(url, context)
  },
})

process.on('exit', () => {
  if (LOADED_MODULES) writeFileSync(LOADED_MODULES, JSON.stringify(loaded))
})
