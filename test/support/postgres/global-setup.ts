import type { TestProject } from 'vitest/node'
import { startPostgres } from './server.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** The address of the server that all tests share, for the superuser. */
    postgresUrl: string
  }
}

/** Starts one server for all tests of Postgres. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startPostgres()
  project.provide('postgresUrl', server.url())
  return () => server.remove()
}
