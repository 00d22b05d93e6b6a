import { statSync } from 'node:fs'
import { readdir, rename, rm, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'
import { sql } from 'kysely'
import { beforeEach, expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from '../../../test/support/temporary-folder.js'
import { failureOf } from '../../ports/testing/metadata/metadata-subject.js'
import type { Parameters } from './prepared.js'
import { SqliteConnection } from './sqlite-connection.js'
import { sqliteQueries } from './sqlite-dialect.js'
import { SqliteEngine } from './sqlite-engine.js'

const queries = sqliteQueries()
const insert = queries.prepare(
  (_, p: Parameters<{ text: string }>) => sql`insert into notes values (${p.text})`,
)
const select = queries.prepare(() => sql<{ text: string }>`select text from notes order by rowid`)

let engine: SqliteEngine
let path: string
const log = () => `${path}-wal`
async function openWith(journal: string, patienceMs = 0): Promise<void> {
  path = join(await temporaryFolder(), 'notes.db')
  const connect = (file = path) => new SqliteConnection(new DatabaseSync(file), Date.now)
  const [reader, writer] = [connect(), connect()]
  writer.database.exec(`pragma journal_mode = ${journal}; create table notes (text)`)
  engine = new SqliteEngine({ path, queries, reader, writer, connect, patienceMs, durability: 'full' })
  onTestFinished(() => engine.close())
}
beforeEach(() => openWith('wal'))

const notes = () =>
  engine.read('notes', async (session) => (await session.all(select, {})).map(({ text }) => text))
const add = (text: string, before: Promise<unknown> = Promise.resolve()) =>
  engine.write('add', async (session) => {
    await session.run(insert, { text })
    await before
    return text
  })

it.each(['wal', 'delete'])(
  'reads one moment while others write, with journal %s, and leaves no copy',
  async (mode) => {
    await openWith(mode)
    await add('before')
    const texts = await engine.snapshot('notes', async (session) => {
      await add('meanwhile')
      return (await session.all(select, {})).map(({ text }) => text)
    })
    expect(texts).toEqual(['before'])
    expect(await notes()).toEqual(['before', 'meanwhile'])
    expect((await readdir(dirname(path))).filter((name) => name.includes('copy'))).toEqual([])
  },
)

it('lets a read neither wait for an open transaction nor see into it', async () => {
  await add('first')
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  const { promise: isOpen, resolve: opened } = Promise.withResolvers<void>()
  const writing = engine.write('add', async (session) => {
    await session.run(insert, { text: 'second' })
    opened()
    await released
  })
  await isOpen
  expect(await notes()).toEqual(['first'])
  release()
  await writing
  expect(await notes()).toEqual(['first', 'second'])
})

it('does not let a read of several statements see into a transaction that begins between two of them', async () => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  const { promise: isOpen, resolve: opened } = Promise.withResolvers<void>()
  const seen = await engine.read('notes', async (session) => {
    const before = await session.all(select, {})
    const writing = engine.write('add', async (other) => {
      await other.run(insert, { text: 'never' })
      opened()
      await released
      throw new Error('not after all')
    })
    await isOpen
    const during = await session.all(select, {})
    release()
    await failureOf(writing)
    return [before, during]
  })
  expect(seen).toEqual([[], []])
})

it('runs transactions one after the other, in the order in which they were asked for', async () => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  const first = add('1', released)
  const others = ['2', '3', '4'].map((text) => add(text))
  release()
  expect(await Promise.all([first, ...others])).toEqual(['1', '2', '3', '4'])
  expect(await notes()).toEqual(['1', '2', '3', '4'])
})

it('undoes a transaction that fails, and goes on with the next', async () => {
  const failing = engine.write('fail', async (session) => {
    await session.run(insert, { text: 'never' })
    throw new TypeError('a mistake')
  })
  const next = add('next')
  expect(await failureOf(failing)).toMatchObject({
    code: 'DATABASE_ERROR',
    outcome: 'not-applied',
    cause: { message: 'a mistake' },
    context: { operation: 'fail' },
  })
  await next
  expect(await notes()).toEqual(['next'])
})

it('has nothing to write with in a read', async () => {
  const failure = await failureOf(engine.read('sneak', (session) => session.run(insert, { text: 'x' })))
  expect(failure).toMatchObject({ code: 'DATABASE_ERROR', context: { operation: 'sneak' } })
  expect(await notes()).toEqual([])
})

it('closes after what was asked for before, once, and refuses what comes later', async () => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  const writing = add('last', released)
  const reading = engine.read('slow', async (session) => {
    await released
    await writing
    return session.all(select, {})
  })
  const closing = [engine.close(), engine.close()]
  const late = await failureOf(add('late'))
  expect(late).toMatchObject({ reason: { id: 'store-closed' }, context: { operation: 'add' } })
  release()
  expect(await writing).toBe('last')
  expect(await reading).toEqual([{ text: 'last' }])
  await Promise.all(closing)
  expect(await failureOf(notes())).toMatchObject({ reason: { id: 'store-closed' } })
})

it('writes together what waits at the same time, each for itself', async () => {
  const refused = engine.write('refuse', async (session) => {
    await session.run(insert, { text: 'undone' })
    throw new Error('not this one')
  })
  const [error, ...others] = await Promise.all([
    failureOf(refused),
    ...['1', '2', '3'].map((text) => add(text)),
  ])
  expect(error).toMatchObject({
    code: 'DATABASE_ERROR',
    outcome: 'not-applied',
    context: { operation: 'refuse' },
  })
  expect(others).toEqual(['1', '2', '3'])
  expect(await notes()).toEqual(['1', '2', '3'])
})

it('brings what waits at the same time to the disk once', async () => {
  await add('first')
  const pages = async (write: () => Promise<unknown>) => {
    const before = statSync(log()).size
    await write()
    return statSync(log()).size - before
  }
  const one = await pages(() => add('second'))
  // All of them change the same page, which each commit writes anew.
  expect(await pages(() => Promise.all(['3', '4', '5', '6'].map((text) => add(text))))).toBe(one)
})

it('shows others at once what it does not bring to the disk', async () => {
  await engine.writeForNow('add', (session) => session.run(insert, { text: 'for now' }))
  const other = new DatabaseSync(path)
  onTestFinished(() => other.close())
  expect(other.prepare('select text from notes').all()).toEqual([{ text: 'for now' }])
  await add('lasting')
  expect(await notes()).toEqual(['for now', 'lasting'])
})

it('makes more writes than one transaction takes, and those that come while it closes', async () => {
  const texts = Array.from({ length: 150 }, (_, n) => String(n))
  const writing = Promise.all(texts.map((text) => add(text)))
  await engine.close()
  expect(await writing).toEqual(texts)
})

/** As another process would: on a connection of its own, in the middle of a turn of the event loop. */
function meanwhile(sqlText: string): Record<string, unknown> | undefined {
  const other = new DatabaseSync(path, { timeout: 0 })
  try {
    return other.prepare(sqlText).get()
  } finally {
    other.close()
  }
}

it.each(['wal', 'delete'])(
  'reads what was committed last in each of many reads of a turn, with journal %s',
  async (mode) => {
    await openWith(mode)
    const lengths = await engine.read('notes', (session) => {
      const seen: number[] = []
      for (let n = 0; n < 6; n++) {
        meanwhile(`insert into notes values ('note ${n}')`)
        seen.push((session.all(select, {}) as unknown[]).length)
      }
      return seen
    })
    expect(lengths).toEqual([1, 2, 3, 4, 5, 6])
  },
)

it('keeps the lock for many reads of a turn, and not beyond the turn', async () => {
  const checkpoint = () => meanwhile('pragma wal_checkpoint(truncate)')?.busy
  await add('first')
  const busy = await engine.read('notes', (session) => {
    for (let n = 0; n < 6; n++) void session.all(select, {})
    return checkpoint()
  })
  expect(busy).toBe(1)
  await setImmediate()
  expect(checkpoint()).toBe(0)
})

it('lets a read beside a transaction that had to wait begin at the last commit', async () => {
  await openWith('wal', 10_000)
  const other = new DatabaseSync(path)
  other.exec(`begin immediate; insert into notes values ('theirs')`)
  const seen = engine.write('add', () => notes())
  await setImmediate()
  await setImmediate()
  // The writer waits between its attempts. The next one comes in this turn, right after what happens here.
  for (let n = 0; n < 6; n++) void notes()
  other.exec('commit')
  other.close()
  const until = performance.now() + 60
  while (performance.now() < until);
  expect(await seen).toEqual(['theirs'])
})

it('lets others start the log anew while a turn of many reads goes on', async () => {
  const other = new DatabaseSync(path)
  other.exec('pragma wal_autocheckpoint = 10; pragma synchronous = off')
  const write = other.prepare('insert into notes values (?)')
  await engine.read('notes', (session) => {
    for (let n = 0; n < 2_000; n++) {
      void session.all(select, {})
      if (n % 4 === 0) write.run(`note ${n}`)
      if (n % 100 === 0) other.exec('delete from notes')
    }
  })
  other.close()
  // Each of the 500 writes took a page or two of 4 KiB.
  expect(statSync(log()).size).toBeLessThan(1_000_000)
})

it('lets go of the lock for what empties the log, and for the end', async () => {
  await add('first')
  const read = () =>
    engine.read('notes', (session) => {
      for (let n = 0; n < 6; n++) void session.all(select, {})
    })
  const reading = read()
  await engine.reclaimSpace()
  expect(statSync(log()).size).toBe(0)
  await reading
  void read()
  await engine.close()
  expect(() => statSync(log())).toThrow('ENOENT')
})

it.each([
  ['removed', () => rm(path)],
  [
    'put in a folder that leads nowhere',
    async () => {
      const away = `${dirname(path)}-away`
      await rename(dirname(path), away)
      onTestFinished(() => rm(away, { recursive: true }))
      await symlink(dirname(path), dirname(path))
    },
  ],
])('refuses to write to a file that was %s, one write after the other, and closes', async (_, takeAway) => {
  await add('first')
  await takeAway()
  for (let n = 0; n < 2; n++)
    expect(await failureOf(add('lost'))).toMatchObject({ code: 'DATABASE_ERROR', outcome: 'not-applied' })
  expect(await notes()).toEqual(['first'])
  await engine.close()
})
