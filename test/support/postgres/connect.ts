import pg from 'pg'
import { onTestFinished } from 'vitest'

/** A connection with nothing of ours in between. Its failures between two queries are the next query's. */
export async function connect(url: string): Promise<pg.Client> {
  const { hostname, port, username, password, pathname } = new URL(url)
  const client = new pg.Client({
    host: hostname,
    port: Number(port),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: pathname.slice(1),
  })
  client.on('error', () => {})
  await client.connect()
  return client
}

/** The same, until the running test has finished. */
export async function beside(url: string): Promise<pg.Client> {
  const client = await connect(url)
  onTestFinished(() => client.end())
  return client
}
