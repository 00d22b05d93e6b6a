import type { TestProject } from 'vitest/node'
import { startPostgres } from '../postgres/server.js'
import { makeTemplate } from './project.js'

/** Starts a server with the roles of Supabase, for all tests of it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startPostgres()
  try {
    await makeTemplate(server.url())
  } catch (error) {
    await server.remove()
    throw error
  }
  project.provide('supabasePostgresUrl', server.url())
  return () => server.remove()
}
