import { describe, expect, it } from 'vitest'
import { causesById } from '../../errors/catalog.js'
import { errorCodes } from '../../errors/entry.js'
import { cliInFolder } from '../cli.testing.js'

describe('modelry explain', () => {
  it.each(errorCodes)('explains %s with its causes, its steps and its runbook', async (code) => {
    const cli = await cliInFolder()
    const { stdout } = await cli.ok(`explain ${code}`)
    expect(stdout.split('\n')[0]).toBe(code)
    expect(stdout).toContain('Causes, most likely first')
    expect(stdout).not.toMatch(/undefined@|NaN|\[object|(?<!\/)\*\*|```|<!--/)
    const { json } = await cli.ok(`explain ${code} --json`)
    expect(json).toMatchObject({
      code,
      causes: expect.any(Array),
      runbook: expect.stringContaining('docs/runbooks/'),
    })
  })

  it.each(errorCodes)('prints the runbook of %s', async (code) => {
    const cli = await cliInFolder()
    const { stdout } = await cli.ok(`explain ${code} --runbook`)
    for (const section of ['Meaning', 'Impact', 'Diagnosis', 'Resolution', 'Prevention'])
      expect(stdout).toContain(`\n${section}\n`)
    expect(stdout).not.toMatch(/\]\(|```|^#/m)
  })

  it('explains every cause by its id, and within its code', async () => {
    const cli = await cliInFolder()
    for (const id of causesById.keys()) {
      const { stdout, json } = await cli.ok(`explain ${id} --json`)
      expect(json, stdout).toMatchObject({ id, errors: expect.arrayContaining([expect.any(String)]) })
    }
    expect((await cli.ok('explain S3_UPLOAD_FAILED/access-denied')).stdout).toContain('Access denied')
    expect((await cli.ok('explain DATABASE_ERROR/unknown')).stdout).toContain('Cause not known')
  })

  it.each([
    ['23505', 'unique-violation'],
    ['SlowDown', 'throttled'],
    ['slowdown', 'throttled'],
    ['ECONNREFUSED', 'connection-refused'],
    ['PGRST301', 'jwt-expired'],
    ['507', 'store-full'],
    ['SQLITE_BUSY', 'sqlite-busy'],
    ['sqlite_busy_snapshot', 'sqlite-busy'],
    ['SQLITE_IOERR_SHORT_READ', 'sqlite-io-error'],
    ['SQLITE_CONSTRAINT_UNIQUE', 'unique-violation'],
  ])('explains %s, which is what another system says, as %s', async (foreign, cause) => {
    const cli = await cliInFolder()
    expect((await cli.ok(`explain ${foreign}`)).stdout).toContain(cause)
  })

  it('lists the codes, takes one in any spelling or by its class', async () => {
    const cli = await cliInFolder()
    expect((await cli.ok('explain')).stdout.trimEnd().split('\n')).toHaveLength(1 + errorCodes.length)
    for (const spelling of ['model-not-found', 'Model_Not_Found', 'ModelNotFoundError'])
      expect((await cli.ok(`explain ${spelling}`)).stdout).toContain('MODEL_NOT_FOUND')
  })

  it.each([
    ['MODEL_NOT_FUOND', 'MODEL_NOT_FOUND?'],
    ['S3_UPLOAD_FAILED/acces-denied', 'Did you mean access-denied?'],
    ['SlowDwn', 'SlowDown?'],
    ['disk-ful', 'disk-full'],
    ['foo', "modelry errors 'foo' searches it"],
    ['something quite else', "modelry errors 'something quite else'"],
  ])('says of %s what it may mean', async (wrong, sentence) => {
    const cli = await cliInFolder()
    const { code, stderr } = await cli(`explain '${wrong}'`)
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(sentence) })
  })
})
