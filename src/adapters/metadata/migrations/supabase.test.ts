import { readdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import { supabaseMigrations } from './supabase.js'

const FOLDER = new URL('../../../../supabase/migrations/', import.meta.url)

it.each(supabaseMigrations())(
  'supabase/migrations/$file is what the migrations make',
  async ({ file, sql }) => {
    await expect(sql).toMatchFileSnapshot(new URL(file, FOLDER).pathname)
  },
)

it('supabase/migrations has no other file', () => {
  expect(readdirSync(FOLDER).sort()).toEqual(supabaseMigrations().map(({ file }) => file))
})
