import { randomUUID } from 'node:crypto'
import { expect, it, onTestFinished } from 'vitest'
import { openPostgresMetadataStore } from '../../src/adapters/metadata/postgres.js'
import { parseEnvironment } from '../../src/domain/environment.js'
import { parseModelId } from '../../src/domain/model-id.js'
import { parseVersion } from '../../src/domain/version.js'
import {
  CHAMPION,
  contentOf,
  draftOf,
  LEASE_MS,
  MODEL,
} from '../../src/ports/testing/metadata/metadata-subject.js'
import { eventually } from '../support/eventually.js'
import { connect } from '../support/postgres/connect.js'
import { freshDatabase } from '../support/postgres/fresh-database.js'

const VERSIONS = ['1.0.0', '2.0.0', '3.0.0'].map(parseVersion)
const ENVIRONMENTS = ['production', 'staging'].map(parseEnvironment)

/** Servers of their own, as far as the database can tell. */
async function servers(count: number) {
  const url = await freshDatabase()
  return Promise.all(
    Array.from({ length: count }, async () => {
      const store = await openPostgresMetadataStore({ url, poolSize: 3 })
      onTestFinished(() => store.close())
      return store
    }),
  )
}

it('lets one of several servers save a version, and numbers versions without gaps', async () => {
  const stores = await servers(4)
  const answers = await Promise.all(
    stores.flatMap((store) =>
      Array.from({ length: 20 }, (_, n) => {
        const draft = draftOf(MODEL, parseVersion(`1.${n}.0`))
        return store.recordVersion(draft, contentOf(draft))
      }),
    ),
  )
  expect(answers.filter(({ is }) => is === 'published')).toHaveLength(20)
  expect(answers.filter(({ is }) => is === 'taken')).toHaveLength(60)
  const numbers = (await stores[0]?.listVersions(MODEL, { limit: 100 }))?.map(({ number }) => number)
  expect(numbers?.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1))
})

it('keeps deployments of several servers a chain, and records what the tables say', async () => {
  const stores = await servers(4)
  const [first] = stores
  if (first === undefined) throw new Error('no server')
  for (const version of VERSIONS) {
    const draft = draftOf(MODEL, version)
    await first.recordVersion(draft, contentOf(draft))
  }
  const activated = new Set<string>()
  await Promise.all(
    stores.map(async (store, s) => {
      for (let n = 0; n < 20; n++) {
        const [version, environment] = [VERSIONS[(n + s) % 3], ENVIRONMENTS[n % 2]]
        if (version === undefined || environment === undefined) throw new Error('nothing to deploy')
        const lock = {
          modelId: MODEL,
          environment,
          lockId: randomUUID(),
          holder: `${s}`,
          purpose: 'deploy',
          leaseMs: LEASE_MS,
        }
        const answer = await store.activate({ lock, version, actor: `${s}` })
        if (answer.is === 'activated') activated.add(answer.deployment.id)
        await store.setAlias(MODEL, CHAMPION, version, `${s}`)
      }
    }),
  )
  for (const environment of ENVIRONMENTS) {
    const chain = (await first.listDeployments({ limit: 200, modelId: MODEL, environment })).toReversed()
    expect(chain.map(({ fence }) => fence)).toEqual(chain.map((_, i) => i + 1))
    expect(chain.map(({ previousId }) => previousId)).toEqual(
      [undefined, ...chain.map(({ id }) => id)].slice(0, -1),
    )
    expect(chain.filter(({ status }) => status === 'active')).toEqual(chain.slice(-1))
    for (const { id } of chain) expect(activated.delete(id)).toBe(true)
    expect(
      (
        await first.findVersion(MODEL, {
          is: 'version',
          version: chain.at(-1)?.version ?? parseVersion('0.0.0'),
        })
      )?.environments,
    ).toContain(environment)
  }
  expect(activated).toEqual(new Set())
  const holders = (await first.listVersions(MODEL, { limit: 10 })).filter(({ aliases }) => aliases.length > 0)
  expect(holders).toHaveLength(1)
})

it.each(['beginDeletion', 'withdrawSave'] as const)(
  'lets %s see an object that another server is about to record, whatever that waits for',
  async (removal) => {
    const url = await freshDatabase()
    const [recording, removing] = await Promise.all(
      Array.from({ length: 2 }, () => openPostgresMetadataStore({ url, poolSize: 3 })),
    )
    if (recording === undefined || removing === undefined) throw new Error('no server')
    for (const store of [recording, removing]) onTestFinished(() => store.close())
    const [first = parseVersion('1.0.0')] = VERSIONS
    const writer = draftOf(MODEL, first)
    const written = contentOf(writer)
    if (removal === 'beginDeletion') await removing.recordVersion(writer, written)
    else await removing.reserveVersion(writer, 0)

    const other = parseModelId('other')
    const before = draftOf(other, first)
    await recording.recordVersion(before, contentOf(before))
    const blocker = await connect(url)
    onTestFinished(() => blocker.end())
    const waiting = async () => {
      const query = `select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
      return (await blocker.query(query)).rows[0].n
    }
    await blocker.query('begin')
    await blocker.query(`select 1 from models where model_id = 'other' for update`)

    const draft = draftOf(other, parseVersion('2.0.0'))
    const files = written.files.map((file) => ({ ...file, ownership: 'caller' as const }))
    const recorded = recording.recordVersion(draft, { ...written, files })
    await eventually(async () => expect(await waiting()).toBe(1))
    let begun = false
    const removed = (
      removal === 'beginDeletion'
        ? removing.beginDeletion(MODEL, first, 'ann')
        : removing.withdrawSave(writer.saveId, randomUUID(), LEASE_MS)
    ).then(async () => {
      begun = true
      return removing.heldElsewhere(
        writer.saveId,
        written.files.map(({ address }) => address),
      )
    })
    await eventually(async () => expect(begun || (await waiting()) === 2).toBe(true))
    await blocker.query('rollback')
    const [answer, held] = await Promise.all([recorded, removed])
    expect(answer.is).toBe('published')
    expect([...held]).toEqual(written.files.map(({ address }) => address))
  },
)
