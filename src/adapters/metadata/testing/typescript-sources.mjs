// Preloaded with --import: lets Node run the sources as they are. They name each other as they are called once
// compiled, with .js at the end.
import { registerHooks } from 'node:module'

const SOURCES = new URL('../../../', import.meta.url).href

registerHooks({
  resolve(specifier, context, next) {
    const isSource = specifier.startsWith('.') && context.parentURL?.startsWith(SOURCES)
    return next(isSource ? specifier.replace(/\.js$/, '.ts') : specifier, context)
  },
})
