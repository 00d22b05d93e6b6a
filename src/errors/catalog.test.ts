import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { catalog, causesById } from './catalog.js'
import type { Cause, Evidence } from './cause.js'
import { unknownCause } from './causes/unknown.js'
import { errorCodes, repairOf } from './entry.js'
import { guides } from './pages/guides.js'
import { facts, samples } from './testing/samples.js'

interface Lock {
  readonly codes: { readonly [code: string]: string }
  readonly causes: { readonly [id: string]: readonly string[] }
}

const LOCK = fileURLToPath(new URL('./catalog.lock.json', import.meta.url))
const lock = parseLock(readFileSync(LOCK, 'utf8'))
const causes = [...causesById.values(), unknownCause]

describe('the catalog', () => {
  it('has the 13 codes of the promise, each with its class, category and severity', () => {
    expect(
      errorCodes.map((code) => {
        const { className, category, severity } = catalog[code]
        return `${code} ${category} ${severity} ${className}`
      }),
    ).toEqual([
      'S3_UPLOAD_FAILED Storage Critical S3UploadError',
      'S3_DOWNLOAD_FAILED Storage High S3DownloadError',
      'S3_DELETE_FAILED Storage Medium S3DeleteError',
      'S3_ERROR Storage High S3Error',
      'S3_UNAVAILABLE Network Critical S3UnavailableError',
      'INVALID_S3_PATH Validation Medium InvalidS3PathError',
      'MODEL_VALIDATION_FAILED Validation Medium ModelValidationError',
      'DEPLOYMENT_FAILED Deployment High DeploymentError',
      'CONCURRENT_DEPLOYMENT Deployment Medium ConcurrentDeploymentError',
      'DUPLICATE_MODEL Versioning Low DuplicateModelError',
      'CIRCUIT_BREAKER_OPEN Network Critical CircuitBreakerOpenError',
      'DATABASE_ERROR Database Critical DatabaseError',
      'MODEL_NOT_FOUND Database Medium ModelNotFoundError',
    ])
  })

  it('gives an id to one cause only', () => {
    const all = errorCodes.flatMap((code) => catalog[code].causes)
    for (const cause of all) expect(causesById.get(cause.id), cause.id).toBe(cause)
  })

  it('has everything that it has ever promised, and has promised everything that it has', () => {
    const promised = Object.entries(lock.causes).map(([id, codes]) => `${id}: ${codes.join(' ')}`)
    const found = [...causesById.keys()].map((id) => `${id}: ${codesOf(id).join(' ')}`)
    // Add what is new to catalog.lock.json, at the end. What is in it stays: ids are permanent.
    expect(found.toSorted()).toEqual(promised.toSorted())
    expect(Object.fromEntries(errorCodes.map((code) => [code, catalog[code].className]))).toEqual(lock.codes)
  })

  it('has promised nothing that an earlier commit promised and the next one took back', () => {
    for (const earlier of earlierLocks()) {
      expect(Object.keys(lock.codes)).toEqual(expect.arrayContaining(Object.keys(earlier.codes)))
      for (const [id, codes] of Object.entries(earlier.causes))
        expect(lock.causes[id], id).toEqual(expect.arrayContaining([...codes]))
    }
  })
})

describe.each(errorCodes)('the page of %s', (code) => {
  const entry = catalog[code]

  it('has a runbook that leads to the repairs, where there is one', () => {
    const page = readFileSync(new URL(`../../docs/runbooks/${entry.runbook}.md`, import.meta.url), 'utf8')
    const repaired = entry.causes.some((cause) => repairOf(entry, cause) !== undefined)
    expect(page.includes('](../recovery.md)')).toBe(repaired)
  })

  it('says everything that a page has to say', () => {
    expect(entry.causes.length).toBeGreaterThan(0)
    expect(entry.troubleshooting.length).toBeGreaterThan(1)
    expect(guides[code].prevention.length).toBeGreaterThan(0)
    expect(guides[code].relatedDocs.length).toBeGreaterThan(0)
    expect(entry.runbook).toMatch(/^[a-z0-9-]+$/)
    for (const sentence of [
      entry.description,
      ...guides[code].prevention,
      entry.healsByItself,
      guides[code].adminMayForce,
    ])
      if (sentence !== undefined) expect(sentence).toMatch(/^[A-Z].*\.$/)
    for (const { url } of guides[code].relatedDocs) expect(new URL(url).protocol).toBe('https:')
  })

  it('has an example that is TypeScript and handles its class', () => {
    expect(guides[code].example).toContain(`instanceof ${entry.className}`)
    expect(() => stripTypeScriptTypes(guides[code].example)).not.toThrow()
  })

  it('words every cause of it as whole sentences with the values of the failure', () => {
    for (const reason of entry.causes) {
      const { message } = samples[code]({}, { reason })
      expect(message, reason.id).toMatch(/^["A-Z\w].*[.?]$/)
      expect(message, reason.id).not.toMatch(/undefined|NaN|null|\[object|\.\.|[.,] ?\.| {2}| ,/)
    }
  })
})

describe.each(causes.map((cause) => [cause.id, cause] as const))('the cause %s', (_id, cause) => {
  const steps = [...cause.steps({}), ...cause.steps(facts)]

  it('has a title, a reason and steps that stand without any facts', () => {
    expect(cause.id).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)*$/)
    expect(cause.title).toMatch(/^[A-Z][^.]*$/)
    expect(cause.because({})).toMatch(/^\S.*[^.\s]$/)
    expect(steps.length).toBeGreaterThan(0)
    for (const text of [cause.because({}), cause.because(facts), ...steps.map((one) => one.text)])
      expect(text).not.toMatch(/undefined|NaN|\bnull\b|\[object| {2}|\s$/)
    for (const { text } of steps) expect(text).toMatch(/[.?)]$/)
  })

  it('names commands that exist', () => {
    for (const { run } of steps) if (run !== undefined) expect(programsOf(run), run).toEqual([])
  })

  it('cannot be made to run what stands in a value', () => {
    const hostile = Object.fromEntries(
      Object.keys(facts).map((name) => [name, `x'; rm -rf / #$(reboot)\`reboot\``]),
    )
    for (const { run } of cause.steps({ ...hostile, port: 1 }))
      if (run !== undefined) expect(outsideOfQuotes(run), run).not.toMatch(/rm -rf|reboot/)
  })

  it('says where its evidence is documented', () => {
    if (cause.source !== 'modelry') expect(new URL(cause.source).protocol).toBe('https:')
    if (onlyKnownToRegistry(cause.evidence)) return
    expect(cause.source, 'codes of others need a source').toMatch(/^(https:|modelry)/)
  })
})

function codesOf(id: string): string[] {
  return errorCodes.filter((code) => catalog[code].causes.some((cause: Cause) => cause.id === id))
}

function parseLock(text: string): Lock {
  return JSON.parse(text)
}

/** None where the history is not there, as in a tarball. */
function earlierLocks(): Lock[] {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: new URL('.', import.meta.url), encoding: 'utf8' })
  try {
    const commits = git('rev-list', 'HEAD', '--', 'catalog.lock.json').split('\n').filter(Boolean)
    return commits.map((commit) => parseLock(git('show', `${commit}:./catalog.lock.json`)))
  } catch {
    return []
  }
}

function onlyKnownToRegistry(evidence: Evidence): boolean {
  return evidence.is === 'registry' || (evidence.is === 'any-of' && evidence.of.every(onlyKnownToRegistry))
}

const PROGRAMS = new Set([
  ...['aws', 'modelry', 'psql', 'pg_isready', 'createdb', 'sqlite3', 'curl', 'openssl', 'nc', 'ip', 'getent'],
  ...[
    'df',
    'ls',
    'findmnt',
    'ulimit',
    'dmesg',
    'fuser',
    'date',
    'timedatectl',
    'cat',
    'env',
    'export',
    'tail',
  ],
  ...['grep', 'npm', 'python', 'dirname'],
])

/** Commands of the registry itself; a test of the command line holds this list against what it has. */
const SUBCOMMANDS = new Set([
  ...['save', 'get', 'download', 'verify', 'list', 'versions', 'diff', 'deploy', 'active', 'rollback'],
  ...[
    'deployments',
    'history',
    'alias',
    'archive',
    'restore',
    'delete',
    'scan',
    'breaker',
    'sync',
    'db',
    'uploads',
    'explain',
    'serve',
    'config',
    'token',
  ],
])

/** What a command calls that is not on the list. */
function programsOf(run: string): string[] {
  const calls = outsideOfQuotes(run)
    .split(/\|\||&&|[|;]|\$\(/)
    .map((call) => call.trim().split(/\s+/))
  return calls.flatMap(([program = '', first = '']) => {
    if (!PROGRAMS.has(program)) return [program]
    return program === 'modelry' && !SUBCOMMANDS.has(first) ? [`${program} ${first}`] : []
  })
}

/** A command without what its quotes hold, where a shell runs nothing; double quotes still run $(…). */
function outsideOfQuotes(run: string): string {
  return run.replaceAll(/'(?:[^']|'\\'')*'/g, "''").replaceAll(/"[^"$`]*"/g, '""')
}
