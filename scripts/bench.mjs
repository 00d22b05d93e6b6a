import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensureDist } from './dist.mjs'
import { inProject, say } from './project.mjs'
import { capture } from './run.mjs'
import { script } from './script.mjs'
import { Stop } from './stop.mjs'

// Runs bench/*.bench.ts one after the other, or only those whose names contain one of the arguments. Each prints
// one JSON document on stdout, `{ name, rows: [{ case, unit, value, peer?, ratio?, target?, ok? }] }`, which is
// kept in bench/results and shown as a table. The exit code is 1 where a bench fails or a row says `ok: false`.
await script(async (names) => {
  const benches = benchFiles(names)
  if (benches.length === 0)
    throw new Stop(`bench/ holds no *.bench.ts${names.length > 0 ? ` named ${names.join(' or ')}` : ''}.`)
  await ensureDist()
  let failed = 0
  for (const file of benches) {
    const result = await measure(file)
    if (!result || result.rows.some((row) => row.ok === false)) failed += 1
    if (result) show(result)
  }
  console.log(`\nbench: ${benches.length - failed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
})

function benchFiles(names) {
  const folder = inProject('bench')
  const all = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.bench.ts')) : []
  return all.filter((file) => names.length === 0 || names.some((name) => file.includes(name))).sort()
}

async function measure(file) {
  say(`Running bench/${file}.`)
  const { code, stdout } = await capture(process.execPath, [inProject('bench', file)])
  const result = parse(stdout)
  if (code !== 0 || !result) {
    say(`bench/${file} ${code === 0 ? 'printed no { name, rows } as JSON' : `ended with exit code ${code}`}.`)
    return undefined
  }
  const folder = inProject('bench', 'results')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${file.replace('.bench.ts', '')}.json`), `${JSON.stringify(result, null, 2)}\n`)
  return result
}

function parse(text) {
  try {
    const result = JSON.parse(text)
    return Array.isArray(result?.rows) ? result : undefined
  } catch {
    return undefined
  }
}

function show({ name, rows }) {
  const cells = rows.map(({ case: title, unit, value, peer, ratio, target, ok }) => [
    title,
    `${rounded(value)} ${unit}`,
    peer === undefined ? '' : rounded(peer),
    ratio === undefined ? '' : rounded(ratio),
    target === undefined ? '' : rounded(target),
    ok === undefined ? '' : ok ? 'ok' : 'MISSED',
  ])
  const table = [['case', 'value', 'peer', 'ratio', 'target', ''], ...cells]
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)))
  console.log(`\n${name}`)
  for (const row of table)
    console.log(
      `  ${row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd()}`,
    )
}

function rounded(value) {
  if (typeof value !== 'number') return String(value)
  return String(value >= 100 ? Math.round(value) : Number(value.toPrecision(3)))
}
