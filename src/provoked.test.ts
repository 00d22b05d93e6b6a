import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { catalog, causesById } from './errors/catalog.js'
import { unknownCause } from './errors/causes/unknown.js'
import { errorCodes } from './errors/entry.js'
import { httpProvocations } from './provocations/http.testing.js'
import { postgresProvocations } from './provocations/postgres.testing.js'
import { causeConstants, mentionedNames, raisedErrors } from './provocations/raised.testing.js'
import { deploymentProvocations, ruleProvocations } from './provocations/registry.testing.js'
import { s3Provocations } from './provocations/s3-server.testing.js'
import { spoolProvocations } from './provocations/spool.testing.js'
import { storeAwayProvocations } from './provocations/store-away.testing.js'
import { databaseProvocations, folderProvocations } from './provocations/stores.testing.js'
import { supabaseProvocations } from './provocations/supabase.testing.js'
import exemptFile from './provoked.exempt.json' with { type: 'json' }

const provocations = [
  ...ruleProvocations,
  ...deploymentProvocations,
  ...folderProvocations,
  ...databaseProvocations,
  ...httpProvocations,
  ...spoolProvocations,
  ...storeAwayProvocations,
]
/** What test/s3 provokes on real servers of S3, where this machine can bring them, and test/postgres and test/supabase on a real Postgres. */
const provokedElsewhere = [...s3Provocations, ...postgresProvocations, ...supabaseProvocations]

const exemptSchema = z.object({
  codes: z.record(z.string(), z.array(z.string())),
  causes: z.record(z.string(), z.array(z.string())),
})
const exempt = exemptSchema.parse(exemptFile)
const exemptCodes = Object.values(exempt.codes).flat()
const exemptCauses = Object.values(exempt.causes).flat()

describe('the catalog, provoked through the public API', () => {
  it.for(provocations)('$code/$cause: $how', async ({ code, cause, provoke }, { skip }) => {
    expect(await provoke(skip)).toEqual({ code, cause })
  })

  it('provokes every code and every cause that is not exempt', () => {
    const all = [...provocations, ...provokedElsewhere]
    const codes = [...new Set(all.map(({ code }) => code)), ...exemptCodes]
    const causes = [...new Set(all.map(({ cause }) => cause)), ...exemptCauses]
    // What is provoked comes off provoked.exempt.json; nothing is ever added to it.
    expect(codes.toSorted()).toEqual(errorCodes.toSorted())
    expect(causes.toSorted()).toEqual([...causesById.keys()].toSorted())
  })

  it('exempts less with every commit, and nothing anew', () => {
    for (const earlier of earlierExemptions()) {
      expect(Object.values(earlier.codes).flat()).toEqual(expect.arrayContaining(exemptCodes))
      // A cause that is new to the catalog may wait for its store.
      const known = new Set(earlier.known)
      expect(Object.values(earlier.causes).flat()).toEqual(
        expect.arrayContaining(exemptCauses.filter((id) => known.has(id))),
      )
    }
  })
})

describe('what the sources raise', async () => {
  const constants = await causeConstants()
  const raised = raisedErrors(errorCodes.map((code) => catalog[code].className))

  it('is found', () => {
    expect(raised.length).toBeGreaterThan(60)
    expect(raised.filter(({ constant }) => constant !== undefined).length).toBeGreaterThan(40)
  })

  it('is in the catalog: every cause among those of its code', () => {
    const wrong = raised.filter(({ className, constant = '' }) => {
      const cause = constants.get(constant)
      const entry = Object.values(catalog).find((each) => each.className === className)
      return (
        cause !== undefined &&
        cause.id !== unknownCause.id &&
        !entry?.causes.some(({ id }) => id === cause.id)
      )
    })
    expect(wrong).toEqual([])
  })

  it('is all that the catalog has where the registry alone can know a cause', () => {
    const names = mentionedNames()
    const idle = [...constants].filter(
      ([constant, { id, evidence }]) =>
        causesById.has(id) && evidence.is === 'registry' && !names.has(constant),
    )
    expect(idle.map(([constant]) => constant)).toEqual([])
  })
})

/** The exemptions of earlier commits, each with the causes that the catalog knew; none where the history is not there. */
function earlierExemptions(): (z.output<typeof exemptSchema> & { known: string[] })[] {
  const git = (...args: string[]) =>
    execFileSync('git', args, {
      cwd: import.meta.dirname,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  try {
    const commits = git('rev-list', 'HEAD', '--', 'provoked.exempt.json').split('\n').filter(Boolean)
    return commits.map((commit) => {
      const lock = z.object({ causes: z.record(z.string(), z.unknown()) })
      const { causes } = lock.parse(JSON.parse(git('show', `${commit}:./errors/catalog.lock.json`)))
      const earlier = exemptSchema.parse(JSON.parse(git('show', `${commit}:./provoked.exempt.json`)))
      return { ...earlier, known: Object.keys(causes) }
    })
  } catch {
    return []
  }
}
