import { openPool, type PoolOptions } from './postgres-pool.js'

/** Every server has it, and it may be left as it is: https://www.postgresql.org/docs/current/manage-ag-templatedbs.html */
const MAINTENANCE = 'postgres'
const DUPLICATE_DATABASE = '42P04'

/** Makes the database `name` on the server of `options`. @returns whether it was not there. */
export async function createDatabase(options: PoolOptions, name: string): Promise<boolean> {
  const pool = await openPool({ ...options, database: MAINTENANCE, poolSize: 1 })
  try {
    await pool.query(`create database "${name.replaceAll('"', '""')}"`)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === DUPLICATE_DATABASE) return false
    throw error
  } finally {
    await pool.end()
  }
}
