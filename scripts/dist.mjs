import { createHash } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { bundleCli } from './bundle-cli.mjs'
import { withLock } from './lock.mjs'
import { inProject, readJson, say, textOf } from './project.mjs'
import { runTool } from './run.mjs'
import { Stop } from './stop.mjs'

const src = inProject('src')
const dist = inProject('dist')
const FORMAT = 'dist made by scripts/dist.mjs, version 2'

/** Builds dist where it does not come from the sources as they are; costs about 20 ms where it does. */
export async function ensureDist() {
  if (isFresh()) return
  await withLock('build', async () => {
    if (!isFresh()) await buildDist()
  })
}

/**
 * Builds dist: what tsconfig.build.json compiles, with the command line in a bundle, a CommonJS door for every public
 * entry, and the sources' data files. It is made in .cache and moved into place when it is whole, so a build that
 * fails leaves the old dist.
 *
 * @throws Stop when the sources do not compile.
 */
export async function buildDist() {
  const stamp = sourcesStamp()
  const fresh = inProject('.cache', `dist-${process.pid}`)
  const old = `${fresh}-old`
  say('Building dist.')
  try {
    rmSync(fresh, { recursive: true, force: true })
    await compile(fresh)
    copyDataFiles(fresh)
    openCommonJsDoors(fresh)
    await bundleCli(fresh)
    makeExecutable(join(fresh, 'cli', 'main.js'))
    writeFileSync(join(fresh, '.stamp'), stamp)
    if (existsSync(dist)) renameSync(dist, old)
    renameSync(fresh, dist)
  } finally {
    rmSync(fresh, { recursive: true, force: true })
    rmSync(old, { recursive: true, force: true })
  }
}

const isFresh = () => textOf(join(dist, '.stamp')) === sourcesStamp()

/** One hash over everything that decides what dist holds: by content, since a checkout changes every date. */
function sourcesStamp() {
  const hash = createHash('sha256').update(FORMAT)
  const settings = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'].map((name) =>
    inProject(name),
  )
  for (const path of [...settings, ...filesUnder(src).filter(isShipped)]) {
    hash.update(`\0${relative(inProject(), path)}\0`).update(textOf(path) ?? '')
  }
  return hash.digest('hex')
}

async function compile(outDir) {
  if (!filesUnder(src).some((path) => path.endsWith('.ts')))
    throw new Stop('There is nothing to build: src holds no TypeScript.')
  const code = await runTool(
    'typescript',
    'tsc',
    ['-p', inProject('tsconfig.build.json'), '--outDir', outDir],
    { stdio: ['ignore', 2, 2] },
  )
  if (code !== 0)
    throw new Stop('The sources do not compile; the errors are above. dist is as it was before.')
}

function copyDataFiles(outDir) {
  for (const path of filesUnder(src)) {
    if (!isShipped(path) || /\.[cm]?tsx?$/.test(path)) continue
    const target = join(outDir, relative(src, path))
    mkdirSync(dirname(target), { recursive: true })
    copyFileSync(path, target)
  }
}

/**
 * For each `require` condition in package.json, a CommonJS file that hands on the ES module: one instance of every
 * class, whichever way it is loaded. The declarations are copied below dist/cjs, where the nearest package.json
 * says CommonJS, for a compiler that resolves like Node looks for types of the kind that the importer loads.
 */
function openCommonJsDoors(outDir) {
  const cjs = join(outDir, 'cjs')
  for (const path of filesUnder(outDir).filter((path) => path.endsWith('.d.ts'))) {
    const target = join(cjs, relative(outDir, path))
    mkdirSync(dirname(target), { recursive: true })
    copyFileSync(path, target)
  }
  for (const entry of Object.values(readJson(inProject('package.json')).exports)) {
    if (!entry.require) continue
    const door = join(outDir, relative('dist', entry.require))
    const module = join(outDir, relative('dist', entry.import))
    if (!existsSync(module)) continue
    mkdirSync(dirname(door), { recursive: true })
    writeFileSync(
      door,
      `module.exports = require('${relative(dirname(door), module).split(sep).join('/')}')\n`,
    )
  }
  mkdirSync(cjs, { recursive: true })
  writeFileSync(join(cjs, 'package.json'), '{ "type": "commonjs" }\n')
}

function makeExecutable(path) {
  const text = textOf(path)
  if (text === undefined) return
  if (!text.startsWith('#!')) writeFileSync(path, `#!/usr/bin/env node\n${text}`)
  chmodSync(path, 0o755)
}

/** Whether a file under src, or what becomes of it, belongs into dist: tests and what only they use does not. */
const isShipped = (path) =>
  !/\.(test|contract|testing)\.ts$/.test(path) && !/[\\/](fixtures|testing|__snapshots__)[\\/]/.test(path)

function filesUnder(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort()
}
