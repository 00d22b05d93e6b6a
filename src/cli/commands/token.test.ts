import { describe, expect, it } from 'vitest'
import { cliInFolder } from '../cli.testing.js'

describe('modelry token', () => {
  it('creates a token that is shown once, lists it without itself and revokes it', async () => {
    const cli = await cliInFolder()
    expect((await cli.ok('token list')).stdout).toContain('There is no token.')
    const { stdout } = await cli.ok('token create ci --scope write')
    const token = /mdl_\S+/.exec(stdout)?.[0] ?? ''
    expect(token).not.toBe('')
    const listed = await cli.ok('token list')
    expect(listed.stdout).toMatch(/^ci +write +\S+Z$/m)
    expect(listed.stdout).not.toContain(token)
    expect((await cli.ok('token create reader --json')).json).toMatchObject({
      scopes: ['read'],
      token: expect.any(String),
    })
    expect((await cli.ok('token revoke ci')).stdout).toBe('Revoked the token ci.\n')
    expect((await cli('token revoke ci --json')).json).toMatchObject({ code: 'MODEL_VALIDATION_FAILED' })
  })

  it.each([
    ['--scope write ci', ['write']],
    ['ci --scope read,write', ['read', 'write']],
    ['--scope read --scope admin ci', ['read', 'admin']],
    ['ci', ['read']],
  ])('%s gives the scopes that it names', async (line, scopes) => {
    const cli = await cliInFolder()
    expect((await cli.ok(`token create ${line} --json`)).json).toMatchObject({ name: 'ci', scopes })
  })

  it('refuses a name that is taken, a scope that there is not, and a server', async () => {
    const cli = await cliInFolder()
    await cli.ok('token create ci')
    expect((await cli('token create ci --json')).json).toMatchObject({ code: 'MODEL_VALIDATION_FAILED' })
    expect((await cli('token create x --scope root')).code).toBe(2)
    expect(await cli('token list', { env: { MODELRY_SERVER: 'http://127.0.0.1:1' } })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("without the server's address that MODELRY_SERVER gives"),
    })
  })
})
