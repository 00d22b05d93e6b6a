import { describe, expect, it } from 'vitest'
import { errorCodes } from '../../errors/entry.js'
import { cliInFolder } from '../cli.testing.js'

describe('modelry explain', () => {
  it.each(errorCodes)('explains %s with its causes, its steps and its runbook', async (code) => {
    const cli = await cliInFolder()
    const { stdout } = await cli.ok(`explain ${code}`)
    expect(stdout).toContain(`${code}  `)
    expect(stdout).toContain('Causes, most likely first')
    expect(stdout).toContain('docs/runbooks/')
    expect(stdout).not.toMatch(/undefined|NaN|\[object/)
    const { json } = await cli.ok(`explain ${code} --json`)
    expect(json).toMatchObject({
      code,
      causes: expect.any(Array),
      runbook: expect.stringContaining('docs/runbooks/'),
    })
  })

  it('lists the codes, takes one in any spelling and says which one a misspelt one may mean', async () => {
    const cli = await cliInFolder()
    expect((await cli.ok('explain')).stdout.trimEnd().split('\n')).toHaveLength(13)
    expect((await cli.ok('explain model-not-found')).stdout).toContain('MODEL_NOT_FOUND')
    expect(await cli('explain MODEL_NOT_FUOND')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('MODEL_NOT_FOUND?'),
    })
  })
})
