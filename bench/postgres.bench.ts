import { join } from 'node:path'
import pg from 'pg'
import { COMMON_TAG, modelName, versionName } from './metadata/data-set.ts'
import { seed, VERSIONS_EACH } from './postgres/seed.ts'
import { startPostgres } from './support/embedded-postgres.ts'
import { request } from './support/http-client.ts'
import { Load, type Work } from './support/load.ts'
import { type Program, startModelry } from './support/program.ts'
import { type Row, report } from './support/report.ts'
import { inScratchFolder } from './support/scratch.ts'
import { inTurns, median, medianRatio } from './support/statistics.ts'

const ROUNDS = 5
const ROUND_MS = 300
const AT_ONCE = 16
const FEW = 1_000
const MANY = Number(process.env.MODELRY_BENCH_VERSIONS ?? 100_000)
/** Of the cost with few versions. */
const AT_MOST_OF_FEW = 1.5

/** A registry of so many versions in a database of its own, served by several programs. */
interface Subject {
  readonly models: number
  readonly servers: readonly Program[]
}

await inScratchFolder(async (folder) => {
  const server = await startPostgres(join(folder, 'postgres'))
  const programs: Program[] = []
  try {
    const open = async (name: string, versions: number, servers: number): Promise<Subject> => {
      const db = await database(server.url, name)
      const artifacts = join(folder, `${name}-files`)
      await seed(db, artifacts, versions / VERSIONS_EACH)
      const started = []
      for (let i = 0; i < servers; i++)
        started.push(
          await startModelry(folder, {
            MODELRY_DB: db,
            MODELRY_STORE: `file:${artifacts}`,
            MODELRY_LOG_LEVEL: 'error',
          }),
        )
      programs.push(...started)
      return { models: versions / VERSIONS_EACH, servers: started }
    }
    const few = await open('few', FEW, 1)
    const many = await open('many', MANY, 4)
    report('metadata on Postgres over HTTP', [...(await growth(few, many)), ...(await scale(many))])
  } finally {
    await Promise.all(programs.map((program) => program.stop()))
    await server.stop()
  }
})

async function database(server: string, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: server })
  await client.connect()
  await client.query(`create database ${name}`)
  await client.end()
  return server.replace('/postgres?', `/${name}?`)
}

type Case = readonly [name: string, work: Work]

/** Goes through all models in an order that no cache likes. */
function model(models: number, n: number): string {
  return encodeURIComponent(modelName((n * 7919) % models))
}

function json(value: unknown): string {
  return JSON.stringify(value)
}

function casesOf({ models }: Subject): readonly Case[] {
  const version = (n: number) => versionName(Math.floor(n / models + n) % VERSIONS_EACH)
  return [
    [
      'get by version',
      (ask, n) => ask(request('GET', `/api/models/${model(models, n)}/versions/${version(n)}`), 200),
    ],
    [
      'get by alias',
      (ask, n) => ask(request('GET', `/api/models/${model(models, n)}/versions/champion`), 200),
    ],
    ['list 100', (ask) => ask(request('GET', '/api/models?limit=100'), 200)],
    [
      'search by tag, page of 100',
      (ask) => ask(request('GET', `/api/models?limit=100&tag=${encodeURIComponent(COMMON_TAG)}`), 200),
    ],
    [
      'set alias',
      (ask, n) =>
        ask(
          request('PUT', `/api/models/${model(models, n)}/aliases/champion`, json({ version: version(n) })),
          200,
        ),
    ],
    deployMany(models),
    [
      'create version of a stored object',
      (ask, n) => {
        const metadata = {
          modelId: `made/model-${n % models}`,
          version: `1.${n}.0`,
          modelType: 'lstm',
          inputShape: [1],
          outputShape: [1],
        }
        const files = [{ path: 'weights.bin', s3Path: 's3://models/spare/weights.bin' }]
        return ask(request('POST', '/api/models', json({ metadata, files })), 201)
      },
    ],
  ]
}

/** Always another version than the one before, so that each is a deployment. */
function deployMany(models: number): Case {
  return [
    'deploy, to many models',
    (ask, n) => {
      const body = json({
        version: versionName(Math.floor(n / models) % VERSIONS_EACH),
        environment: 'production',
      })
      return ask(request('POST', `/api/models/${model(models, n)}/deployments`, body), 201)
    },
  ]
}

async function growth(few: Subject, many: Subject): Promise<Row[]> {
  const rows: Row[] = []
  const ofMany = casesOf(many)
  for (const [index, [name, forFew]] of casesOf(few).entries()) {
    const forMany = ofMany[index]?.[1] ?? forFew
    const loads = {
      few: await opened(few, 1, forFew),
      many: await opened(many, 1, forMany),
    }
    const perSecond = await inTurns(
      { few: () => running(loads.few), many: () => running(loads.many) },
      ROUNDS,
    )
    for (const load of [...loads.few, ...loads.many]) load.close()
    const cost = medianRatio(perSecond.few, perSecond.many)
    const at = `${name} (${AT_ONCE} at once)`
    rows.push(
      { case: `${at}, ${FEW.toLocaleString('en')} stored`, unit: 'a second', value: median(perSecond.few) },
      { case: `${at}, ${MANY.toLocaleString('en')} stored`, unit: 'a second', value: median(perSecond.many) },
      {
        case: `${at}, cost at ${MANY.toLocaleString('en')} against ${FEW.toLocaleString('en')}`,
        ...{ unit: 'times', value: cost, target: AT_MOST_OF_FEW, ok: cost <= AT_MOST_OF_FEW },
      },
    )
  }
  return rows
}

/** The same callers, spread over more servers; and what one (model, environment) takes, where one follows the other. */
async function scale(subject: Subject): Promise<Row[]> {
  const rows: Row[] = []
  const [byVersion] = casesOf(subject)
  const one: Work = (ask, n) =>
    ask(
      request(
        'POST',
        `/api/models/${model(1, 0)}/deployments`,
        json({ version: versionName(n % VERSIONS_EACH), environment: 'staging', waitMs: 30_000 }),
      ),
      201,
    ).catch((error: Error) => {
      // Callers overtake each other, and one may ask for what has just become active.
      if (!error.message.startsWith('200')) throw error
    })
  const cases: readonly Case[] = [
    ...(byVersion ? [byVersion] : []),
    deployMany(subject.models),
    ['deploy, to one model in one environment', one],
  ]
  for (const [name, work] of cases) {
    const loads = {
      1: await opened(subject, 1, work),
      2: await opened(subject, 2, work),
      4: await opened(subject, 4, work),
    }
    const perSecond = await inTurns(
      { '1': () => running(loads[1]), '2': () => running(loads[2]), '4': () => running(loads[4]) },
      ROUNDS,
    )
    for (const load of Object.values(loads).flat()) load.close()
    for (const [servers, each] of Object.entries(perSecond))
      rows.push({
        case: `${name} (${AT_ONCE} at once), ${servers} ${servers === '1' ? 'server' : 'servers'}`,
        ...{ unit: 'a second', value: median(each) },
      })
  }
  return rows
}

/** `AT_ONCE` callers, spread over the first `count` servers. All count on from one number, so that no two do the same. */
function opened({ servers }: Subject, count: number, work: Work): Promise<Load[]> {
  const next = { n: Math.floor(Math.random() * 1_000_000) }
  return Promise.all(
    servers.slice(0, count).map(({ url }) => Load.open(url, AT_ONCE / count, (ask) => work(ask, next.n++))),
  )
}

async function running(loads: readonly Load[]): Promise<number> {
  const perSecond = await Promise.all(loads.map((load) => load.run(ROUND_MS)))
  return perSecond.reduce((sum, each) => sum + each, 0)
}
