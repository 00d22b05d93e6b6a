import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { errorCodes } from '../../errors/entry.js'
import { cliInFolder } from '../cli.testing.js'

const found = z.object({
  items: z.array(z.looseObject({ code: z.enum(errorCodes), cause: z.string().optional() })),
})

describe('modelry errors', () => {
  const items = async (line: string) => {
    const cli = await cliInFolder()
    return found.parse((await cli.ok(`errors ${line} --json`)).json).items
  }

  it('lists the codes where nothing is asked for', async () => {
    expect((await items('')).map(({ code }) => code)).toEqual(errorCodes)
  })

  it.each([
    ['SlowDown', { cause: 'throttled' }],
    ['23505', { cause: 'unique-violation' }],
    ['ECONNREFUSED', { cause: 'connection-refused' }],
    ['PGRST301', { cause: expect.stringMatching(/^(jwt-expired|api-key-invalid)$/) }],
    ['S3_UPLOAD_FAILED', { code: 'S3_UPLOAD_FAILED' }],
    ['s3 uplod', { code: 'S3_UPLOAD_FAILED' }],
    ['S3UploadError', { code: 'S3_UPLOAD_FAILED' }],
    ['access-denied', { cause: 'access-denied' }],
  ])('finds %s first', async (query, first) => {
    expect((await items(query))[0]).toMatchObject(first)
  })

  it.each([
    ['--category Database', { category: 'Database' }],
    ['--category storage', { category: 'Storage' }],
    ['--severity Low', { severity: 'Low' }],
    ['--retry NEVER', { retry: 'never' }],
    ['--retry never', { retry: 'never' }],
    ['upload --retry safe', { retry: 'safe' }],
  ])('keeps to %s', async (line, all) => {
    const kept = await items(line)
    expect(kept.length).toBeGreaterThan(0)
    for (const item of kept) expect(item).toMatchObject(all)
  })

  it('shows what can be handed to explain', async () => {
    const cli = await cliInFolder()
    const { stdout } = await cli.ok('errors SlowDown')
    const [, first = ''] = stdout.split('\n')
    expect((await cli.ok(`explain ${first.split(' ')[0]}`)).stdout).toContain('throttled')
  })

  it('ends with 1 where nothing fits, and says where else to look', async () => {
    const cli = await cliInFolder()
    const { code, stdout } = await cli('errors zzzzqqqq')
    expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringContaining('modelry diagnose') })
  })

  it('refuses a facet that is none', async () => {
    const cli = await cliInFolder()
    expect(await cli('errors --severity Awful')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Critical'),
    })
  })
})
