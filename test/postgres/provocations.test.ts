import { afterAll, describe, expect, it } from 'vitest'
import { postgresProvocations } from '../../src/provocations/postgres.testing.js'
import { type PostgresServer, startPostgres } from '../support/postgres/server.js'

describe('the causes of Postgres, provoked through the public API', () => {
  let server: Promise<PostgresServer> | undefined
  const own = () => {
    server ??= startPostgres()
    return server
  }
  afterAll(async () => (await server)?.remove())

  it.for(postgresProvocations)('$code/$cause: $how', async ({ code, cause, provoke }, { skip }) => {
    expect(await provoke(own, skip)).toEqual({ code, cause })
  })
})
