import { randomUUID } from 'node:crypto'
import { inject, onTestFinished } from 'vitest'
import { openPostgresMetadataStore } from '../../../src/adapters/metadata/postgres.js'
import { connect } from './connect.js'

async function run(server: string, sql: string): Promise<void> {
  const client = await connect(server)
  await client.query(sql)
  await client.end()
}

type Lasting = (remove: () => Promise<void>) => void

/** The address of a database that is not there, removed when the running test has finished. */
export function freshName(server: string = inject('postgresUrl'), lasting: Lasting = onTestFinished): string {
  const name = `t_${randomUUID().replaceAll('-', '')}`
  lasting(() => run(server, `drop database if exists ${name} with (force)`))
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}

/**
 * A new, empty database on the server of all tests.
 *
 * @param lasting - is given what removes it; by default when the running test has finished.
 * @returns its address.
 */
export async function freshDatabase(
  server: string = inject('postgresUrl'),
  lasting: Lasting = onTestFinished,
): Promise<string> {
  const url = freshName(server, lasting)
  await run(server, `create database ${new URL(url).pathname.slice(1)}`)
  return url
}

let template: Promise<string> | undefined

/**
 * The same with the tables of a registry, which are made once for a file of tests and copied for each of them.
 *
 * @returns its address.
 */
export async function migratedDatabase(): Promise<string> {
  const server = inject('postgresUrl')
  template ??= (async () => {
    // It goes with the server.
    const made = await freshDatabase(server, () => {})
    await (await openPostgresMetadataStore({ url: made, poolSize: 1 })).close()
    return new URL(made).pathname.slice(1)
  })()
  const url = freshName(server)
  await run(server, `create database ${new URL(url).pathname.slice(1)} template ${await template}`)
  return url
}

/**
 * A new user who owns the database, without the rights of a superuser, removed when the running test has finished.
 *
 * @param options - of CREATE ROLE, such as `connection limit 1`.
 * @returns the address of the database for that user.
 */
export async function freshRole(database: string, options = ''): Promise<string> {
  const url = new URL(database)
  const server = inject('postgresUrl')
  const name = `r_${randomUUID().replaceAll('-', '')}`
  await run(server, `create role ${name} login password 'secret' ${options}`)
  // Registered after the database, so that it is removed before it.
  onTestFinished(async () => {
    await run(database, `reassign owned by ${name} to ${new URL(server).username}; drop owned by ${name}`)
    await run(server, `drop role ${name}`)
  })
  await run(server, `alter database ${url.pathname.slice(1)} owner to ${name}`)
  await run(database, `alter schema public owner to ${name}`)
  url.username = name
  url.password = 'secret'
  return url.href
}
