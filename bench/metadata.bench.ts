import { join } from 'node:path'
import { type Case, readCases, writeCases } from './metadata/cases.ts'
import { type DataSet, large, small } from './metadata/data-set.ts'
import { openSubject, type Subject } from './metadata/subject.ts'
import { Load } from './support/load.ts'
import { type Row, report } from './support/report.ts'
import { inScratchFolder } from './support/scratch.ts'
import { inTurns, median, medianRatio } from './support/statistics.ts'

const ROUNDS = 5
const ROUND_MS = 160
/** V8 goes on compiling what a case uses for about that long; a server that runs for days has it behind it. */
const WARM_UP_MS = 1_000
/** Of the throughput of a bare route; and of the cost with few versions. */
const AT_LEAST_OF_PEER = 0.5
const AT_MOST_OF_SMALL = 1.3

const [only = ''] = process.argv.slice(2)

await inScratchFolder(async (folder) => {
  const subjects: Record<'small' | 'large', Subject> = {
    small: await openSubject(join(folder, 'small'), small),
    large: await openSubject(join(folder, 'large'), large),
  }
  try {
    report('metadata over HTTP', await measureAll(subjects.small, subjects.large))
  } finally {
    await Promise.all(Object.values(subjects).map((subject) => subject.stop()))
  }
})

async function measureAll(few: Subject, many: Subject): Promise<Row[]> {
  let made = 0
  const unique = () => made++
  const casesOf = (subject: Subject, set: DataSet) => [
    ...readCases(set, subject.cursors),
    ...writeCases(set, unique),
  ]
  const ofMany = casesOf(many, large)
  const rows: Row[] = []
  for (const [index, forFew] of casesOf(few, small).entries()) {
    const forMany = ofMany[index]
    if (forMany === undefined || !forFew.name.includes(only)) continue
    if (forFew.reads) {
      await few.requireSameAnswers(forFew)
      await many.requireSameAnswers(forMany)
    }
    for (const connections of [1, 16] as const)
      rows.push(...(await measure(few, forFew, many, forMany, connections)))
  }
  return rows
}

async function measure(
  few: Subject,
  forFew: Case,
  many: Subject,
  forMany: Case,
  connections: 1 | 16,
): Promise<Row[]> {
  const loads = {
    few: await Load.open(few.registryUrl, connections, forFew.registry),
    fewPeer: await Load.open(few.peerUrl, connections, forFew.peer),
    many: await Load.open(many.registryUrl, connections, forMany.registry),
    manyPeer: await Load.open(many.peerUrl, connections, forMany.peer),
  }
  const turns = {
    few: () => loads.few.run(ROUND_MS),
    fewPeer: () => loads.fewPeer.run(ROUND_MS),
    manyPeer: () => loads.manyPeer.run(ROUND_MS),
    many: () => loads.many.run(ROUND_MS),
  }
  for (const load of Object.values(loads)) await load.run(WARM_UP_MS)
  const perSecond = await inTurns(turns, ROUNDS).finally(() => {
    for (const load of Object.values(loads)) load.close()
  })

  const at = `${forFew.name} (${connections} at once)`
  const growth = medianRatio(perSecond.few, perSecond.many)
  const rows = [
    besidePeer(`${at}, ${small.label} stored`, perSecond.few, perSecond.fewPeer),
    besidePeer(`${at}, ${large.label} stored`, perSecond.many, perSecond.manyPeer),
    {
      case: `${at}, cost at ${large.label} against ${small.label}`,
      unit: 'times',
      value: growth,
      target: AT_MOST_OF_SMALL,
      ok: growth <= AT_MOST_OF_SMALL,
    },
  ]
  const { python } = forFew
  if (python?.at !== connections) return rows
  const value = median(perSecond.many)
  const ratio = value / python.perSecond
  return [
    ...rows,
    {
      case: `${at}, ${large.label} stored, beside a Python registry`,
      unit: 'a second',
      value,
      peer: python.perSecond,
      ratio,
      target: python.times,
      ok: ratio >= python.times,
    },
  ]
}

function besidePeer(title: string, registry: readonly number[], peer: readonly number[]): Row {
  const ratio = medianRatio(registry, peer)
  return {
    case: title,
    unit: 'a second',
    value: median(registry),
    peer: median(peer),
    ratio,
    target: AT_LEAST_OF_PEER,
    ok: ratio >= AT_LEAST_OF_PEER,
  }
}
