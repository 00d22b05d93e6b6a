import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { basename } from 'node:path'
import { inProject, readJson, root } from './project.mjs'
import { Stop } from './stop.mjs'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']
const PARENT = process.ppid

/**
 * Runs a program, in the project's folder unless told, and answers with its exit code (128 + n when signal n ended it).
 * Signals that reach this process are passed on, so that whoever stops a script stops what it started.
 */
export function run(command, args, { stdio = 'inherit', shell = false, env = process.env, cwd = root } = {}) {
  const child = spawn(command, args, { cwd, stdio, shell, env })
  return ended(command, child)
}

/** Like `run`, but keeps stdout and answers `{ code, stdout }`; stderr stays visible. */
export async function capture(command, args) {
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
  let stdout = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text
  })
  return { code: await ended(command, child), stdout }
}

/** Runs the program that an installed package brings, with the Node that runs this script. */
export const runTool = (packageName, program, args, options) =>
  run(process.execPath, [toolPath(packageName, program), ...args], options)

/** Runs npm: the one that started this script, where one did. Its output goes to stderr. */
export function runNpm(args) {
  const stdio = ['ignore', 2, 2]
  const cli = process.env.npm_execpath
  if (cli && basename(cli) === 'npm-cli.js') return run(process.execPath, [cli, ...args], { stdio })
  return run('npm', args, { stdio, shell: process.platform === 'win32' })
}

function toolPath(packageName, program) {
  const folder = inProject('node_modules', packageName)
  try {
    const { bin } = readJson(`${folder}/package.json`)
    return `${folder}/${typeof bin === 'string' ? bin : bin[program]}`
  } catch (error) {
    throw new Stop(
      `${packageName} is not installed (${error.message}). Delete node_modules and run the command again.`,
    )
  }
}

function ended(command, child) {
  // Ctrl+C at a terminal reaches the whole process group; passing it on would deliver it twice, and a second
  // one tells a server to stop waiting for its transfers.
  const pass = (signal) => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
  }
  for (const signal of SIGNALS) process.on(signal, pass)
  const stopWatching = whenAbandonedByNpm(() => child.kill('SIGTERM'))
  return new Promise((resolve, reject) => {
    child.on('error', (error) => reject(new Stop(`${command} could not be started: ${error.message}.`)))
    child.on('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal]))
  }).finally(() => {
    for (const signal of SIGNALS) process.off(signal, pass)
    stopWatching()
  })
}

/**
 * npm passes a SIGTERM to the shell between itself and the script, and that shell (dash, for one) ends without
 * passing it on. Having lost its parent is then the script's only sign that it should stop.
 */
function whenAbandonedByNpm(stop) {
  if (!process.env.npm_lifecycle_event) return () => {}
  const timer = setInterval(() => {
    if (process.ppid === PARENT) return
    clearInterval(timer)
    stop()
  }, 250)
  return () => clearInterval(timer)
}
