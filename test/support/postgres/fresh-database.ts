import { randomUUID } from 'node:crypto'
import { inject, onTestFinished } from 'vitest'
import { connect } from './connect.js'

/** A new, empty database on the server of all tests, removed when the running test has finished. @returns its address. */
export async function freshDatabase(server: string = inject('postgresUrl')): Promise<string> {
  const name = `t_${randomUUID().replaceAll('-', '')}`
  const run = async (sql: string) => {
    const client = await connect(server)
    await client.query(sql)
    await client.end()
  }
  await run(`create database ${name}`)
  onTestFinished(() => run(`drop database ${name} with (force)`))
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}
