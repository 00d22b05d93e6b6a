import { cp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Cli, cliInFolder, openFolder } from './cli.testing.js'
import type { CliCommand } from './command.js'
import { commandTable } from './command-table.js'
import { serving } from './serving.testing.js'

const SERVER = 'http://127.0.0.1:7878'
const examples = await allExamples()

/** A folder with what the examples name: models, versions, files, a token. Each example gets a copy. */
let prepared: Cli & AsyncDisposable

beforeAll(async () => {
  prepared = await openFolder()
  const { ok, save, write } = prepared
  await write('model.onnx', 'bytes of a network')
  await write('my-model/weights.bin', 'weights')
  await write('train.log', 'S3ServiceException [SlowDown]: Please reduce your request rate.')
  await write(
    'metadata.json',
    '{"modelId":"etf","version":"1.0.0","modelType":"lstm","inputShape":[60,5],"outputShape":[1]}',
  )
  for (const version of ['0.8.0', '0.9.0', '1.0.0']) await save(`btc-lstm@${version}`)
  await save('btc-lstm@1.1.0', '--tag team=quant --tag draft=yes')
  await ok('archive btc-lstm@0.8.0')
  await ok('alias set btc-lstm@1.0.0 champion')
  for (const version of ['0.9.0', '1.0.0']) await ok(`deploy btc-lstm@${version} --env production`)
  await ok('token create laptop')
  await ok('export ./moving')
  await ok('backup ./backup')
})

afterAll(() => prepared[Symbol.asyncDispose]())

describe('the examples of the help', () => {
  it('are there for every command', () => {
    expect(examples.filter(([, lines]) => lines.length === 0).map(([name]) => name)).toEqual([])
  })

  it.each(examples.flatMap(([, lines]) => lines))(
    'work as they stand: %s',
    { timeout: 60_000 },
    async (line) => {
      const cli = await cliInFolder()
      await cp(prepared.folder, cli.folder, { recursive: true })
      const [, piped, words = ''] = /^(?:cat (\S+) \| )?modelry (.*)$/.exec(line) ?? []
      if (words.startsWith('serve')) return serves(cli, words)
      const { line: asked, env } = await withServer(cli, words)
      const { code, stderr } = await cli(asked, {
        env,
        ...(piped === undefined ? {} : { stdin: await readFile(join(prepared.folder, piped), 'utf8') }),
      })
      // A repair may take long, so that it tells what it does beside its answer.
      const beside = words.startsWith('fix ') ? expect.stringMatching(/^Running /) : ''
      expect({ code, stderr }).toEqual({ code: 0, stderr: beside })
    },
  )
})

/** Where an example names a server, there is one, and a token for it. */
async function withServer(cli: Cli, line: string) {
  if (!line.includes(SERVER)) return { line, env: {} }
  const url = await serving(join(cli.folder, '.modelry'))
  const { json } = await cli.ok('token create ops --scope admin --json')
  const { token } = z.object({ token: z.string() }).parse(json)
  return { line: line.replace(SERVER, url), env: { MODELRY_TOKEN: token } }
}

/** On a port that is free and on this machine only, whatever the example says. */
async function serves(cli: Cli, line: string): Promise<void> {
  const words = line.replace(/--host \S+/, '--host 127.0.0.1').replace(/--port \d+/, '--port 0')
  const controller = new AbortController()
  const { code, stdout } = await cli(words, {
    env: { MODELRY_PORT: '0', MODELRY_LOG_LEVEL: 'silent' },
    signal: controller.signal,
    onOutput: () => controller.abort(),
  })
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: expect.stringMatching(/ at http:\/\/127\.0\.0\.1:\d+ /),
  })
}

async function allExamples(): Promise<(readonly [name: string, lines: readonly string[]])[]> {
  const lines = ({ examples }: CliCommand) => examples.map(({ run }) => run)
  const found = await Promise.all(
    commandTable.map(async ({ name, load }) => {
      const module = await load()
      return 'subcommands' in module
        ? Object.entries(module.subcommands).map(
            ([below, each]) => [`${name} ${below}`, lines(each)] as const,
          )
        : [[name, lines(module)] as const]
    }),
  )
  return found.flat()
}
