import { linkSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { inProject, say, textOf } from './project.mjs'

const ABANDONED_AFTER_MS = 15 * 60_000

/**
 * Does `work` while no other script of this project does work of the same name, so that two of them started at
 * once do not install or build over each other. A lock whose process is gone, or that is 15 minutes old, is void.
 */
export async function withLock(name, work) {
  const folder = inProject('.cache')
  const lock = `${folder}/${name}.lock`
  mkdirSync(folder, { recursive: true })
  for (let announced = false; !taken(lock); await wait(200)) {
    if (!announced) say(`Waiting for another modelry script (process ${textOf(lock)}) to finish its ${name}.`)
    announced = true
  }
  try {
    return await work()
  } finally {
    rmSync(lock, { force: true })
  }
}

function taken(lock) {
  const mine = `${lock}.${process.pid}`
  writeFileSync(mine, String(process.pid))
  try {
    // link(2) fails where the name exists, and the file is whole the moment it has the name.
    linkSync(mine, lock)
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
    if (isVoid(lock)) rmSync(lock, { force: true })
    return false
  } finally {
    rmSync(mine, { force: true })
  }
}

function isVoid(lock) {
  const holder = Number(textOf(lock))
  if (!holder) return false
  try {
    if (Date.now() - statSync(lock).mtimeMs > ABANDONED_AFTER_MS) return true
    process.kill(holder, 0)
    return false
  } catch (error) {
    return error.code === 'ESRCH'
  }
}
