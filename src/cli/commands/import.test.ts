import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cliInFolder } from '../cli.testing.js'

async function withRegistry() {
  const cli = await cliInFolder()
  await cli.save('btc@1.0.0')
  await cli.save('btc@1.1.0', '--tag team=quant')
  await cli.ok('deploy btc@1.0.0 --env production')
  await cli.ok('token create laptop')
  return cli
}

describe('modelry export and modelry import', () => {
  it('move a registry to another home, where everything reads the same', async () => {
    const cli = await withRegistry()
    const { stdout } = await cli.ok('export ./moving')
    expect(stdout).toContain('Exported 2 versions of 1 model')
    expect(stdout).toMatch(/modelry import \S+moving --dry-run/)
    const dry = await cli.ok('import ./moving --dry-run --home other')
    expect(dry.stdout).toContain('1 name would be imported')
    expect((await cli.ok('list --home other --json')).json).toMatchObject({ items: [] })
    expect((await cli.ok('import ./moving --home other')).stdout).toContain('Imported 1 name')
    for (const read of ['list', 'deployments', 'history', 'token list', 'get btc@1.1.0'])
      expect((await cli.ok(`${read} --json --home other`)).json).toEqual(
        (await cli.ok(`${read} --json`)).json,
      )
    await cli.ok('verify btc@1.0.0 --home other')
    expect((await cli.ok('import ./moving --home other')).stdout).toContain('1 was there already')
  })

  it('say as JSON what was done', async () => {
    const cli = await withRegistry()
    expect((await cli.ok('export ./moving --without-tokens --json')).json).toMatchObject({
      counts: { versions: 2, tokens: 0 },
      copied: { files: 2 },
      reused: 0,
    })
    expect(
      (await cli.ok('import ./moving --home other --map s3://models=s3://acme/m --json')).json,
    ).toMatchObject({
      mapped: [{ from: 's3://models', to: 's3://acme/m', files: 2 }],
      names: { imported: 1 },
    })
    expect((await cli.ok('get btc@1.0.0 --home other')).stdout).toContain('s3://acme/m/')
  })

  it('list what clashes in a dry run, and refuse it without one', async () => {
    const cli = await withRegistry()
    await cli.ok('export ./moving')
    await cli.write('other.bin', 'other bytes')
    await cli.save('btc@1.0.0', '--home other')
    const dry = await cli('import ./moving --dry-run --home other')
    expect(dry.code).toBe(1)
    expect(dry.stdout).toMatch(/btc@1\.0\.0 +[0-9a-f]+/)
    const refused = await cli('import ./moving --home other')
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('DUPLICATE_MODEL')
    expect(refused.stderr).toMatch(/has the digest\s+[0-9a-f]{64},\s+the\s+export\s+[0-9a-f]{64}/)
  })

  it('make no folder where an export was to be read', async () => {
    const cli = await withRegistry()
    const { code, stderr } = await cli('import ./misspelt')
    expect(code).toBe(1)
    expect(stderr).toContain('misspelt')
    expect(await readdir(cli.folder)).not.toContain('misspelt')
  })

  it('need the stores themselves', async () => {
    const cli = await cliInFolder()
    const { code, stderr } = await cli('export ./moving --server http://127.0.0.1:1')
    expect(code).toBe(2)
    expect(stderr).toContain("export needs the registry's own stores")
  })
})

describe('modelry backup and modelry restore', () => {
  it('bring back what was lost', async () => {
    const cli = await withRegistry()
    const before = (await cli.ok('list --json')).json
    await cli.ok('backup ./backup')
    await rm(join(cli.folder, '.modelry'), { recursive: true })
    expect((await cli.ok('restore ./backup')).stdout).toContain('Imported 1 name')
    expect((await cli.ok('list --json')).json).toEqual(before)
    await cli.ok('restore file:backup')
  })

  it('tell a place from a version: restore of a version undoes archive', async () => {
    const cli = await withRegistry()
    await cli.ok('archive btc@1.1.0')
    expect((await cli.ok('restore btc@1.1.0')).stdout).toContain('Restored btc@1.1.0')
    const { code, stderr } = await cli('restore backup --dry-run')
    expect(code).toBe(2)
    expect(stderr).toContain('./backup')
  })
})
