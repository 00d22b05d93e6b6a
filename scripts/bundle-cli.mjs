import { copyFileSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { inProject } from './project.mjs'
import { Stop } from './stop.mjs'

/**
 * Packages that go into the bundle. Node takes about a third of a millisecond for each module; kysely has 255, modelry's
 * own engine 190 and zod 93. What makes the OpenAPI document has a zod of its own, and reads the schemas of this one.
 */
const INSIDE = ['commander', 'kysely', 'zod']

/**
 * Puts the command line of `dist` into one file for what every command needs and one for each thing that is loaded
 * later, so that `modelry get` starts in half the time. The library stays as the compiler wrote it; no process runs
 * both.
 */
export async function bundleCli(dist) {
  // Not before it is needed: the other scripts run before the packages are installed.
  const { rolldown } = await import('rolldown')
  const folder = join(dist, 'cli')
  const bundle = await rolldown({
    input: { main: join(folder, 'main.js') },
    platform: 'node',
    external: (id) => !/^[./]/.test(id) && !INSIDE.includes(id),
    plugins: [besideTheirModule(folder)],
    onLog: (level, { message }) => {
      throw new Stop(`The command line could not be bundled: ${level}: ${message}`)
    },
  })
  const { output } = await bundle.generate({ format: 'esm', chunkFileNames: '[name]-[hash].js' })
  await bundle.close()
  for (const path of readdirSync(folder, { recursive: true }).filter(isCode)) rmSync(join(folder, path))
  rmdirSync(join(folder, 'commands'))
  for (const { fileName, code } of output) writeFileSync(join(folder, fileName), code)
  for (const name of INSIDE)
    copyFileSync(inProject('node_modules', name, 'LICENSE'), join(folder, `LICENSE-${name}`))
}

/** Data files stay where they are, so `import.meta.url` goes on to mean the module that it was written in. */
function besideTheirModule(folder) {
  return {
    name: 'beside-their-module',
    transform(code, id) {
      if (!code.includes('import.meta.url')) return null
      const path = `./${relative(folder, id).replaceAll('\\', '/')}`
      return code.replaceAll('import.meta.url', `new URL('${path}', import.meta.url).href`)
    },
  }
}

const isCode = (path) => /(\.js|\.d\.ts)$/.test(path)
