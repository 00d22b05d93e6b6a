import { once } from 'node:events'
import { createServer, connect as dial, type Socket } from 'node:net'
import { describe, expect, inject, it, onTestFinished } from 'vitest'
import { openPostgresMetadataStore } from '../../src/adapters/metadata/postgres.js'
import { DatabaseError } from '../../src/errors/database-error/error.js'
import { failureOf } from '../../src/ports/testing/metadata/metadata-subject.js'
import { freshName } from '../support/postgres/fresh-database.js'
import { portOf } from '../support/s3/free-ports.js'

/** The address of the server through a door that knows who has not left. */
async function watched(url: string): Promise<{ url: string; inside: ReadonlySet<Socket> }> {
  const inside = new Set<Socket>()
  const door = createServer({ allowHalfOpen: false }, (client) => {
    const server = dial(Number(new URL(url).port), '127.0.0.1')
    inside.add(client.on('close', () => inside.delete(client)))
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const)
      from.on('error', () => {}).on('close', () => to.destroy())
    client.pipe(server).pipe(client)
  }).listen(0, '127.0.0.1')
  await once(door, 'listening')
  onTestFinished(() => {
    for (const socket of inside) socket.destroy()
    door.close()
  })
  const through = new URL(url)
  through.port = String(portOf(door))
  return { url: through.href, inside }
}

describe('a server that asks for a password where none was given', () => {
  it('is left at once, and the error says where a password may be given', async () => {
    const { url, inside } = await watched(inject('postgresUrl').replace(/:[^:@/]*@/, '@'))
    const failure = await failureOf(openPostgresMetadataStore({ url }))
    await expect.poll(() => inside.size).toBe(0)
    if (!(failure instanceof DatabaseError)) throw failure
    expect(failure.reason.id).toBe('authentication-failed')
    expect(failure.message).toContain('without a password')
    expect(`${JSON.stringify(failure)}${String(failure.cause)}`).not.toContain('SASL')
    expect(failure.steps.map(({ text }) => text).join(' ')).toMatch(/PGPASSWORD.*\.pgpass/)
  })
})

describe('a server without the database', () => {
  it('is named with its port and user in the commands that show its databases and make one', async () => {
    const url = freshName()
    const failure = await failureOf(openPostgresMetadataStore({ url }))
    if (!(failure instanceof DatabaseError)) throw failure
    const { port, pathname } = new URL(url)
    expect(failure.steps.map(({ run }) => run)).toEqual([
      `psql -h 127.0.0.1 -p ${port} -U admin -d postgres -c "select datname from pg_database"`,
      `createdb -h 127.0.0.1 -p ${port} -U admin ${pathname.slice(1)}`,
    ])
  })
})
