import { describe, expect, it } from 'vitest'
import { cliInFolder } from '../cli.testing.js'

const pasted = `> node train.js
epoch 1: loss 0.31
SlowDown: Please reduce your request rate.
    at S3Client.send (file:///app/node_modules/@aws-sdk/client-s3/dist-cjs/index.js:1:1)`

describe('modelry diagnose', () => {
  it('finds code, cause and steps in a file, with the lines it rests on', async () => {
    const cli = await cliInFolder()
    await cli.write('train.log', pasted)
    const { stdout } = await cli.ok('diagnose train.log --operation upload')
    expect(stdout.split('\n')[0]).toBe('S3_UPLOAD_FAILED/throttled')
    expect(stdout).toContain('line 3: SlowDown')
    expect(stdout).toMatch(/What to do\n {2}1\. /)
    expect(stdout).toContain('docs/runbooks/s3-upload-failure.md')
    expect(stdout).toContain('modelry explain S3_UPLOAD_FAILED/throttled')
  })

  it('reads a pipe, with - or without', async () => {
    const cli = await cliInFolder()
    for (const line of ['diagnose', 'diagnose -'])
      expect((await cli.ok(line, { stdin: pasted })).stdout).toContain('/throttled')
  })

  it('gives the whole diagnosis as JSON', async () => {
    const cli = await cliInFolder()
    const { json } = await cli.ok('diagnose --operation upload --json', { stdin: pasted })
    expect(json).toEqual({
      code: 'S3_UPLOAD_FAILED',
      cause: 'throttled',
      title: expect.any(String),
      confidence: expect.any(Number),
      evidence: expect.arrayContaining([
        {
          text: 'SlowDown',
          start: pasted.indexOf('SlowDown'),
          end: expect.any(Number),
          means: expect.any(String),
        },
      ]),
      outcome: 'not-applied',
      retry: { advice: 'safe', inMs: expect.any(Number) },
      steps: expect.arrayContaining([{ text: expect.any(String) }]),
      runbook: 'docs/runbooks/s3-upload-failure.md',
      fix: { id: 'wait-for-store', applicability: 'safe', does: 'wait until the store answers again' },
      considered: expect.any(Array),
    })
  })

  it('ends with 1 where the text has no failure of a registry, and says what to paste', async () => {
    const cli = await cliInFolder()
    const { code, stdout } = await cli('diagnose', { stdin: 'The weather is fine today.' })
    expect(code).toBe(1)
    expect(stdout).toContain('No failure of the registry')
    expect(await cli('diagnose --json', { stdin: '' })).toMatchObject({
      code: 1,
      json: { code: null, cause: null },
    })
  })

  it('needs no store, no network and no configuration', async () => {
    const cli = await cliInFolder()
    await cli.write('modelry.config.json', 'this is no JSON')
    await cli.ok('diagnose', {
      stdin: pasted,
      env: { MODELRY_HOME: '/dev/null/nowhere', MODELRY_SERVER: 'http://127.0.0.1:1' },
    })
  })

  it.each([
    ['diagnose nowhere.log', 'There is no file nowhere.log.'],
    ['diagnose .', '. is a folder.'],
    ['diagnose --operation sing', 'upload'],
  ])('refuses %s', async (line, sentence) => {
    const cli = await cliInFolder()
    expect(await cli(line, { stdin: pasted })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(sentence),
    })
  })

  it('does not wait for somebody to type', async () => {
    const cli = await cliInFolder()
    expect(await cli('diagnose', { typed: '' })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('| modelry diagnose'),
    })
  })

  it('shows no control character of the text', async () => {
    const cli = await cliInFolder()
    const { stdout } = await cli('diagnose', { stdin: `\u001b[31m${pasted}\u001b[0m\u0007` })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/)
  })
})
