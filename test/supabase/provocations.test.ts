import { afterEach, describe, expect, it, vi } from 'vitest'
import { supabaseProvocations } from '../../src/provocations/supabase.testing.js'
import { freshProject } from '../support/supabase/project.js'

describe('the causes of Supabase, provoked through the public API', () => {
  afterEach(() => {
    vi.unstubAllEnvs()
  })

  it.for(supabaseProvocations)('$code/$cause: $how', async ({ code, cause, in: project, provoke }) => {
    expect(await provoke(await freshProject(project))).toEqual({ code, cause })
  })
})
