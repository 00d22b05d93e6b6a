import { describe, expect, it } from 'vitest'
import { cliInFolder } from '../cli.testing.js'
import { servingLostStore } from '../serving.testing.js'

describe('modelry breaker', () => {
  it('shows what the breaker of a server knows', async () => {
    const cli = await cliInFolder()
    const { url } = await servingLostStore(cli.folder)
    const { stdout } = await cli.ok(`breaker --server ${url}`)
    expect(stdout).toMatch(/^ml-models at http:\/\/127\.0\.0\.1:\d+: open since \S+/)
    expect(stdout).toMatch(/One call may try again in \d+ s\./)
    expect(stdout).toContain('2 failures in 2 calls of the last 60 s (100 %)')
    expect(stdout).toMatch(/connection-refused: .*nothing accepts connections/)
    expect((await cli.ok(`breaker --server ${url} --json`)).json).toMatchObject({
      of: 'the server',
      state: 'open',
      circuits: [{ bucket: 'ml-models' }],
    })
  })

  it('resets it with the token of an administrator, and with no other', async () => {
    const cli = await cliInFolder()
    const { url, engine } = await servingLostStore(cli.folder)
    const refused = await cli(`breaker reset --server ${url} --json`)
    expect(refused).toMatchObject({ code: 1, json: { cause: 'token-missing' } })
    const env = { MODELRY_TOKEN: await engine.tokens.create('ann', ['admin']) }
    const { stdout } = await cli.ok(`breaker reset --server ${url}`, { env })
    expect(stdout).toMatch(/^Reset the circuit breaker of the server\.\n\nml-models at \S+: closed since/)
    expect((await cli.ok(`history --server ${url}`, { env })).stdout).toMatch(
      /ann +breaker-reset +\* .*ml-models at http\S+ was open/,
    )
  })

  it('says that a breaker belongs to a process, and where to look', async () => {
    const cli = await cliInFolder()
    expect((await cli.ok('breaker')).stdout).toContain('which has no circuit breaker')
    const { stdout } = await cli.ok('breaker --store s3://ml-models')
    expect(stdout).toContain('modelry breaker --server http://127.0.0.1:7878')
    const { json } = await cli.ok('breaker --store s3://ml-models --json')
    expect(json).toEqual({ circuits: [], of: 'this process' })
    for (const store of ['', '--store s3://ml-models']) {
      const reset = await cli(`breaker reset ${store}`.trim())
      expect(reset).toMatchObject({ code: 1, stdout: expect.stringMatching(/^Nothing was reset\. /) })
    }
  })
})
