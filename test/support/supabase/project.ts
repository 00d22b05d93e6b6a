import { createHmac, randomUUID } from 'node:crypto'
import { inject, onTestFinished } from 'vitest'
import { supabaseMigrations } from '../../../src/adapters/metadata/migrations/supabase.js'
import { connect } from '../postgres/connect.js'
import { type StandIn, startStandIn } from './stand-in.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** The server whose databases stand for projects, for its administrator. */
    supabasePostgresUrl: string
  }
}

/** What the roles of a project are, as Supabase makes them. */
const ROLES = `
  create role anon nologin noinherit;
  create role authenticated nologin noinherit;
  create role service_role nologin noinherit bypassrls;
  create role authenticator login noinherit password 'gateway';
  grant anon, authenticated, service_role to authenticator`

/** What is granted in a project before anybody makes a table in it. */
const GRANTS = `
  grant usage on schema public to anon, authenticated, service_role;
  alter default privileges in schema public grant all on tables to anon, authenticated, service_role;
  alter default privileges in schema public grant all on sequences to anon, authenticated, service_role;
  alter default privileges in schema public grant all on functions to anon, authenticated, service_role`

const SECRET = 'a secret of the project that is long enough'
const TEMPLATE = 'project_with_migrations'

export interface Project extends StandIn {
  /** The address of its database, for the administrator. */
  readonly databaseUrl: string
  readonly serviceRoleKey: string
  /** A key for a role, valid for as long as is said. */
  key(role: string, secondsLeft?: number): string
}

/** A project of its own, with the migrations or without, removed when the running test has finished or as `lasting` says. */
export async function freshProject(
  which: 'migrated' | 'empty' = 'migrated',
  lasting: (remove: () => Promise<void>) => void = onTestFinished,
): Promise<Project> {
  const name = `p_${randomUUID().replaceAll('-', '')}`
  if (which === 'migrated') {
    await administer(`create database ${name} template ${TEMPLATE}`)
  } else {
    await administer(`create database ${name}`)
    await administer(GRANTS, name)
  }
  const standIn = await startStandIn({ databaseUrl: urlOf(name, 'authenticator', 'gateway'), secret: SECRET })
  lasting(async () => {
    await standIn.stop()
    await administer(`drop database ${name} with (force)`)
  })
  return Object.assign(standIn, {
    databaseUrl: urlOf(name),
    serviceRoleKey: jwt('service_role'),
    key: jwt,
  })
}

/** The database that all others are copies of. */
export async function makeTemplate(server: string): Promise<void> {
  await administer(ROLES, 'postgres', server)
  await administer(`create database ${TEMPLATE}`, 'postgres', server)
  await administer(GRANTS, TEMPLATE, server)
  for (const { sql } of supabaseMigrations()) await administer(sql, TEMPLATE, server)
}

async function administer(
  sql: string,
  database = 'postgres',
  server = inject('supabasePostgresUrl'),
): Promise<void> {
  const url = new URL(server)
  url.pathname = `/${database}`
  const client = await connect(url.href)
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

function urlOf(database: string, user?: string, password?: string): string {
  const url = new URL(inject('supabasePostgresUrl'))
  url.pathname = `/${database}`
  if (user !== undefined) url.username = user
  if (password !== undefined) url.password = password
  return url.href
}

/** https://www.rfc-editor.org/rfc/rfc7519 */
function jwt(role: string, secondsLeft = 3600): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const now = Math.floor(Date.now() / 1000)
  const text = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ role, iss: 'supabase', exp: now + secondsLeft })}`
  return `${text}.${createHmac('sha256', SECRET).update(text).digest('base64url')}`
}
