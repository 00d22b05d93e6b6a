import type { EnvironmentVariables } from './config-sources.js'
import { problemOf } from './domain/refuse.js'
import type { ValidationProblem } from './errors/cause.js'
import { redact } from './errors/redact.js'

/** A project at Supabase, by the names that Supabase gives its variables. */
export interface SupabaseProject {
  readonly is: 'supabase'
  readonly url: string
  /** Never shown. */
  readonly serviceRoleKey: string
}

const URL_RULE = 'the address of the project, such as https://abcdefghijklm.supabase.co'
const KEY_RULE = 'the service role key of the project, or a key that begins with sb_secret_'

/**
 * The project that the environment names; undefined where it does not name both its address and its key.
 *
 * The key is taken from the environment alone: a file is copied and committed.
 */
export function supabaseIn(env: EnvironmentVariables): SupabaseProject | undefined {
  const { SUPABASE_URL: url = '', SUPABASE_SERVICE_ROLE_KEY: serviceRoleKey = '' } = env
  return url === '' || serviceRoleKey === '' ? undefined : { is: 'supabase', url, serviceRoleKey }
}

/** What keeps the project that is asked for from being used. */
export function supabaseProblems(env: EnvironmentVariables): ValidationProblem[] {
  const { SUPABASE_URL: url = '', SUPABASE_SERVICE_ROLE_KEY: key = '' } = env
  return [
    ...(isAddress(url) ? [] : [problemOf('SUPABASE_URL', url === '' ? undefined : redact(url), URL_RULE)]),
    ...(key === '' ? [problemOf('SUPABASE_SERVICE_ROLE_KEY', undefined, KEY_RULE)] : []),
  ]
}

function isAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
}
