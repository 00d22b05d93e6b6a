import { randomBytes, randomUUID } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually } from '../../test/support/eventually.js'
import { beside, connect } from '../../test/support/postgres/connect.js'
import {
  freshDatabase,
  freshName,
  freshRole,
  migratedDatabase,
} from '../../test/support/postgres/fresh-database.js'
import type { PostgresServer } from '../../test/support/postgres/server.js'
import { databaseOnSmallDisk } from '../../test/support/postgres/small-disk.js'
import { runCommand } from '../../test/support/s3/run-command.js'
import { temporaryFolder } from '../../test/support/temporary-folder.js'
import {
  failureOf,
  type Opened,
  opened,
  type Provocation,
  type Provoked,
  save,
} from './provocation.testing.js'

/**
 * Needs a server of Postgres: test/postgres/provocations.test.ts runs it there, through the public API.
 *
 * @param own - a server that may be damaged, since these provocations alone have it, one after the other.
 */
export interface PostgresProvocation extends Pick<Provocation, 'code' | 'cause' | 'how'> {
  readonly provoke: (own: () => Promise<PostgresServer>, skip: (reason: string) => never) => Promise<Provoked>
}

/** Another program on the same database. */
const nameOf = (url: string) => new URL(url).pathname.slice(1)
const describe = ({ registry }: Opened) =>
  registry.updateMetadata('btc-lstm', '1.0.0', { description: 'new' })

const opening = (
  cause: string,
  how: string,
  address: (...given: Parameters<PostgresProvocation['provoke']>) => Promise<string> | string,
): PostgresProvocation => ({
  code: 'DATABASE_ERROR',
  cause,
  how,
  provoke: async (...given) => failureOf(opened({ db: await address(...given) })),
})

/** What a change meets where the tables were changed by hand. */
const changed = (
  cause: string,
  how: string,
  sql: string,
  call: (subject: Opened) => PromiseLike<unknown> = describe,
): PostgresProvocation => ({
  code: 'DATABASE_ERROR',
  cause,
  how,
  provoke: async () => {
    const url = await migratedDatabase()
    const subject = await opened({ db: url })
    await save(subject)
    await (await beside(url)).query(sql)
    return failureOf(call(subject))
  },
})

/** What a change meets where another transaction holds the version. */
const held = (cause: string, how: string, settings: string): PostgresProvocation => ({
  code: 'DATABASE_ERROR',
  cause,
  how,
  provoke: async () => {
    const { subject } = await withRowHeld(settings)
    return failureOf(describe(subject))
  },
})

async function withRowHeld(settings: string) {
  const url = await migratedDatabase()
  const subject = await opened({ db: `${url}&${settings}` })
  await save(subject)
  const other = await beside(url)
  await other.query('begin; update trained_models set updated_at = 0')
  return { url, subject, other }
}

/** What a reader meets after `damage` was done to the file of the table of versions while the server was down. */
const damaged = (
  cause: string,
  how: string,
  damage: (file: string) => Promise<void>,
): PostgresProvocation => ({
  code: 'DATABASE_ERROR',
  cause,
  how,
  provoke: async (own) => {
    const server = await own()
    const url = await freshDatabase(server.url())
    const subject = await opened({ db: url })
    await save(subject)
    const admin = await beside(url)
    const { rows } = await admin.query("select pg_relation_filepath('trained_models') as file")
    await server.stop()
    await damage(join(server.data, String(rows[0]?.file)))
    await server.start()
    return failureOf(subject.registry.getModelVersions('btc-lstm'))
  },
})

/** Raised again at each try: the registry undoes and repeats by itself what the database undoes for others' sake. */
const CONFLICT = `
  create extension dblink;
  create table counter (n integer); insert into counter values (0);
  create function conflict() returns trigger language plpgsql as $$
    declare here text := format('host=127.0.0.1 port=%s user=%s password=%L dbname=%s',
      current_setting('port'), current_user, 'correct horse', current_database());
    begin
      perform dblink_disconnect(name) from unnest(dblink_get_connections()) as name;
      perform dblink_connect('one', here);
      perform dblink_exec('one', 'begin isolation level serializable');
      perform n from dblink('one', 'select n from counter') as counter(n integer);
      perform dblink_exec(here, 'update counter set n = n + 1');
      perform dblink_exec('one', 'update counter set n = n + 1');
      return new;
    end $$;
  create trigger conflict before update on trained_models for each row execute function conflict()`

export const postgresProvocations: readonly PostgresProvocation[] = [
  opening('authentication-failed', 'a password that is not the one of the user', async () => {
    const url = new URL(await freshDatabase())
    url.password = 'wrong'
    return url.href
  }),
  opening('database-missing', 'a database that nobody has made', () => freshName()),
  opening('tls-not-offered', 'TLS to a server that has none', async () =>
    (await freshDatabase()).replace('sslmode=disable', 'sslmode=require'),
  ),
  opening('tls-required', 'no TLS to a server that lets nobody in without', async (own, skip) =>
    strict(await own(), 'hostnossl postgres ROLE 127.0.0.1/32 reject\n', skip),
  ),
  opening('pg-hba-rejected', 'a user whom pg_hba.conf lets in from nowhere', async (own, skip) => {
    const url = await strict(await own(), 'host postgres ROLE 127.0.0.1/32 reject\n', skip)
    return url.replace('sslmode=disable', 'sslmode=require')
  }),
  {
    code: 'DATABASE_ERROR',
    cause: 'too-many-connections',
    how: 'a user who has as many connections as the server allows',
    provoke: async () => {
      const url = await freshRole(await freshDatabase(), 'connection limit 1')
      await beside(url)
      return failureOf(opened({ db: url }))
    },
  },
  {
    code: 'DATABASE_ERROR',
    cause: 'pool-exhausted',
    how: 'a pool of one connection, which waits for another transaction',
    provoke: async () => {
      const { subject, other } = await withRowHeld('pool=1&connect_timeout=100')
      const first = describe(subject)
      const provoked = await failureOf(subject.registry.getModelVersions('btc-lstm'))
      await other.query('rollback')
      await first
      return provoked
    },
  },
  {
    code: 'DATABASE_ERROR',
    cause: 'terminated-by-administrator',
    how: 'a connection that an administrator ended in the middle of a change',
    provoke: async () => {
      const { subject, other } = await withRowHeld('pool=1')
      const failure = failureOf(describe(subject))
      await eventually(async () => {
        const { rowCount } = await other.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0`,
        )
        if (rowCount !== 1) throw new TypeError('nobody waits yet')
      })
      return failure
    },
  },
  held(
    'lock-not-available',
    'a version that another transaction has changed and not committed',
    'lock_timeout=50',
  ),
  held('statement-timeout', 'a statement that waits for longer than it may take', 'statement_timeout=50'),
  {
    code: 'DATABASE_ERROR',
    cause: 'deadlock',
    how: 'another transaction that meets every try of a change, each waiting for the other',
    provoke: async () => {
      const url = await migratedDatabase()
      const admin = await beside(url)
      // Whoever looks first whether it waits for itself is the one that the server undoes.
      await admin.query(`alter database ${nameOf(url)} set deadlock_timeout = '5ms'`)
      const subject = await opened({ db: url })
      await save(subject)
      await admin.query("set deadlock_timeout = '1min'; begin; lock table history in exclusive mode")
      let over = false
      const failure = failureOf(describe(subject)).finally(() => {
        over = true
      })
      while (!over) {
        // It waits until the change holds the version and waits for the history.
        await admin.query('savepoint here; select from trained_models for update; rollback to savepoint here')
      }
      await admin.query('rollback')
      return failure
    },
  },
  changed(
    'serialization-failure',
    'a trigger whose second session meets a change that it has not seen',
    CONFLICT,
  ),
  changed(
    'unique-violation',
    'an index that lets a model type be used once',
    'create unique index once on trained_models (model_type)',
    (subject) => save(subject, { version: '2.0.0' }),
  ),
  changed(
    'foreign-key-violation',
    'a table of people in which the actor is not',
    'create table people (name text primary key); alter table history add foreign key (actor) references people not valid',
  ),
  changed(
    'not-null-violation',
    'a column that must be filled, and of which the registry does not know',
    "alter table history add column place text not null default ''; alter table history alter column place drop default",
  ),
  changed(
    'check-violation',
    'a rule that no description keeps',
    'alter table trained_models add check (description is null)',
  ),
  changed('table-missing', 'a table that somebody dropped', 'drop table history'),
  changed(
    'column-missing',
    'a column that somebody renamed',
    'alter table trained_models rename column description to words',
  ),
  changed(
    'value-invalid',
    'a column that somebody made shorter',
    'alter table trained_models alter column description type varchar(1)',
  ),
  changed(
    'query-invalid',
    'a column that somebody made a generated one',
    "alter table trained_models drop column description; alter table trained_models add column description text generated always as ('') stored",
  ),
  {
    code: 'DATABASE_ERROR',
    cause: 'database-permission',
    how: 'a user who was given one table less',
    provoke: async () => {
      const url = await migratedDatabase()
      const admin = await opened({ db: url })
      await save(admin)
      const reader = await freshRole(url)
      await (await beside(url)).query(
        `grant select, insert, update, delete on all tables in schema public to ${new URL(reader).username};
         revoke insert on history from ${new URL(reader).username}`,
      )
      return failureOf(describe(await opened({ db: reader })))
    },
  },
  {
    code: 'DATABASE_ERROR',
    cause: 'database-read-only',
    how: 'a database that was set to be read only',
    provoke: async () => {
      const url = await migratedDatabase()
      await save(await opened({ db: url }))
      await (await beside(url)).query(`alter database ${nameOf(url)} set default_transaction_read_only = on`)
      return failureOf(describe(await opened({ db: url })))
    },
  },
  {
    code: 'DATABASE_ERROR',
    cause: 'database-out-of-memory',
    how: 'a trigger that takes more locks than the server has room for',
    provoke: async (own) => {
      const server = await own()
      const url = await freshDatabase(server.url())
      const subject = await opened({ db: url })
      await save(subject)
      await (await beside(url)).query(
        `create function greedy() returns trigger language plpgsql as $$
           begin perform pg_advisory_xact_lock(n) from generate_series(1, 1000000) as n; return new; end $$;
         create trigger greedy before update on trained_models for each row execute function greedy()`,
      )
      return failureOf(describe(subject))
    },
  },
  {
    code: 'DATABASE_ERROR',
    cause: 'database-disk-full',
    how: 'a database on a disk that is full',
    provoke: async (own, skip) => {
      const server = await own()
      const { url, fill } = await databaseOnSmallDisk(server, skip)
      const subject = await opened({ db: url })
      await fill()
      return failureOf(async () => {
        for (let version = 1; version < 100; version++)
          await save(subject, {
            version: `${version}.0.0`,
            hyperparameters: { large: randomBytes(30_000).toString('hex') },
          })
      })
    },
  },
  damaged('database-corrupt', 'a page of a table that somebody overwrote', async (file) => {
    await writeFile(file, (await readFile(file)).fill(0x5a))
  }),
  damaged('database-fault', 'the file of a table that somebody removed', (file) => rm(file)),
  // The last one, since the server is gone then.
  {
    code: 'DATABASE_ERROR',
    cause: 'server-starting',
    how: 'a server that is being shut down',
    provoke: async (own) => {
      const server = await own()
      await beside(server.url())
      server.shutDown()
      return eventually(async () => {
        const provoked = await failureOf(opened({ db: server.url() }))
        // Until it has heard of it, the server lets callers in.
        if (provoked.cause === 'connection-refused') throw new TypeError('the server is gone')
        return provoked
      })
    },
  },
]

/** Turns TLS on, with a certificate that nobody vouches for, and puts a rule of pg_hba.conf before the others. */
async function strict(
  server: PostgresServer,
  rule: string,
  skip: (reason: string) => never,
): Promise<string> {
  const role = `r_${randomUUID().replaceAll('-', '')}`
  const folder = await temporaryFolder()
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  await runCommand('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-subj', '/CN=localhost', '-keyout', key, '-out', cert],
  ]).catch(() => skip('there is no openssl to make a certificate with'))
  await server.write('server.key', await readFile(key, 'utf8'))
  await server.write('server.crt', await readFile(cert, 'utf8'))
  await server.allow(rule.replace('ROLE', role))
  const run = async (...sql: string[]) => {
    const client = await connect(server.url())
    for (const each of sql) await client.query(each)
    const { rows } = await client.query('show ssl')
    await client.end()
    return rows[0]?.ssl
  }
  await run(
    `create role ${role} login password 'correct horse'`,
    'alter system set ssl = on',
    'select pg_reload_conf()',
  )
  // Counts for connections that begin after the server has read it.
  await eventually(async () => {
    if ((await run()) !== 'on') throw new TypeError('the settings are the former ones')
  })
  return server.url('postgres', role)
}
