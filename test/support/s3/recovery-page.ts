import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fixRules } from '../../../src/recovery/fix-rules.js'
import { fixCases } from '../../../src/recovery/testing/fix-cases.js'
import { postgresFixCases } from '../postgres/fix-cases.js'

const PAGE = join(import.meta.dirname, '..', '..', '..', 'docs', 'recovery.md')

/** A failure that was provoked for real, and the repair after which the call that failed succeeded. */
export interface Row {
  readonly code: string
  readonly cause: string
  readonly how: string
  readonly fix: string
  readonly servers: readonly string[]
}

/** The page as it is and as a run makes it; with MODELRY_WRITE_RECOVERY=1 it is written. */
export async function recoveryPage(rows: readonly Row[]): Promise<{ written: string; expected: string }> {
  const embedded = fixCases.map(({ code, cause, how, fix }) => ({ code, cause, how, fix, servers: [] }))
  const onPostgres = postgresFixCases.map(({ code, cause, how, fix }) => ({
    ...{ code, cause, how, fix },
    servers: ['Postgres'],
  }))
  const expected = pageOf([...rows, ...embedded, ...onPostgres])
  if (process.env.MODELRY_WRITE_RECOVERY === '1') await writeFile(PAGE, expected)
  return { written: await readFile(PAGE, 'utf8'), expected }
}

function pageOf(rows: readonly Row[]): string {
  const lines = rows
    .toSorted((a, b) => order(a).localeCompare(order(b)))
    .map(
      ({ code, cause, how, fix, servers }) =>
        `| [${code}](errors/${code}.md) | [${cause}](errors/${code}.md#${cause}) | ${how} | \`${fix}\` | ${consentOf(fix)} | ${servers.length === 0 ? 'SQLite, folder' : servers.join(', ')} |`,
    )
  return `# What can be repaired

Each row was provoked for real by the tests, by way of the public API; the failure was diagnosed, \`attemptAutoFix()\` was
run, and the call that had failed succeeded. The rows are the cases of the tests, which fail where one does not end so, or
where this page has others (\`MODELRY_WRITE_RECOVERY=1 npx vitest run --project s3 test/s3/fixes.test.ts\` writes it anew).

A repair that is safe runs when \`attemptAutoFix()\` or \`modelry fix\` is called. One that needs consent runs where its name
is given: \`attemptAutoFix({ allow: ['create-bucket'] })\`. What is not listed has no repair, and \`planAutoFix()\` says why.
S3_DELETE_FAILED has none: whatever keeps an object from being removed was put there by somebody.

| code | cause | how it was provoked | repair | runs | seen on |
| --- | --- | --- | --- | --- | --- |
${lines.join('\n')}
`
}

const order = ({ code, cause, how }: Row) => `${code} ${cause} ${how}`

function consentOf(id: string): string {
  const rule = fixRules.find((one) => 'fix' in one && one.fix.id === id)
  return rule !== undefined && 'fix' in rule && rule.fix.applicability === 'needs-consent'
    ? 'with consent'
    : 'by itself'
}
