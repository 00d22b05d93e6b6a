import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cliInFolder } from './cli.testing.js'
import { serving } from './serving.testing.js'

describe('the command line on a server', () => {
  it('does with --server what it does on the stores themselves', async () => {
    const local = await cliInFolder()
    const cli = await cliInFolder()
    const server = await serving(join(cli.folder, 'server'))
    const both = async (line: string) => {
      const [there, here] = [await cli(`${line} --json --server ${server}`), await local(`${line} --json`)]
      expect({ line, code: there.code, json: stable(there.json) }).toEqual({
        line,
        code: here.code,
        json: stable(here.json),
      })
    }
    for (const each of [cli, local]) {
      await each.write('model.json', '{"w":[1]}')
      await each.write('folder/a.bin', 'a')
      await each.write('folder/b/c.bin', 'c')
    }
    const shapes = '--input-shape 60,5 --output-shape 1'
    for (const line of [
      `save model.json --id btc --version 1.0.0 --type lstm ${shapes} --accuracy 0.5 --tag team=quant`,
      `save folder --id btc --version 1.1.0 --type lstm ${shapes}`,
      `save model.json --id btc --version 1.0.0 --type lstm ${shapes}`,
      'get btc@1.0.0',
      'get btx',
      'verify btc',
      'list --tag team=quant',
      'list --limit 1 --all',
      'versions btc',
      'diff btc@1.0.0 btc@1.1.0',
      'deploy btc@1.0.0 --env production',
      'deploy btc@1.1.0 --env production --expect 1.0.0 --wait 1s',
      'deploy btc@1.1.0 --env production --expect 1.0.0',
      'active btc --env production',
      'rollback btc --env production',
      'deployments btc',
      'alias set btc@1.1.0 champion',
      "update btc@1.1.0 --description 'second' --tag a=b",
      'alias rm btc champion',
      'archive btc@1.1.0',
      'restore btc@1.1.0',
      'archive btc@1.0.0',
      'history btc',
      'delete btc@1.1.0 --yes',
      'scan',
    ])
      await both(line)
  })

  it('streams standard input to the server, and its files back', async () => {
    const cli = await cliInFolder()
    const server = await serving(join(cli.folder, 'server'))
    const bytes = 'x'.repeat(3_000_000)
    await cli.ok(
      `save - --name big.bin --id big --version 1.0.0 --type neural --input-shape 1 --output-shape 1 --server ${server}`,
      { stdin: bytes },
    )
    await cli.ok(`download big -o out --server ${server}`)
    expect((await readFile(join(cli.folder, 'out/big.bin'), 'utf8')) === bytes).toBe(true)
  })

  it('says so when the server cannot be reached', async () => {
    const cli = await cliInFolder()
    expect(await cli('list --json --server http://127.0.0.1:9')).toMatchObject({
      code: 1,
      json: { code: 'S3_UNAVAILABLE', cause: 'server-unreachable' },
    })
  })
})

/** The same answer of two registries: what differs from run to run is named instead of shown. */
function stable(json: unknown): unknown {
  return JSON.parse(
    JSON.stringify(json)
      .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uuid>')
      .replace(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '"<time>"')
      .replace(/"requestId":"[^"]*",?/g, '')
      .replace(/"nextCursor":"[^"]*"/g, '"nextCursor":"<cursor>"')
      .replaceAll(/\/tmp\/modelry-cli-\w+\/(?:server|\.modelry)/g, '<home>'),
  )
}
