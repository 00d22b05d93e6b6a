import { access, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openSqliteMetadataStore } from '../../adapters/metadata/sqlite.js'
import { parseEnvironment } from '../../domain/environment.js'
import { parseModelId } from '../../domain/model-id.js'
import { type Cli, cliInFolder } from '../cli.testing.js'

const DEPLOY = 'deploy btc@1.0.0 --env production'

/** Another process that is deploying the model. */
async function lock(cli: Cli): Promise<() => Promise<void>> {
  const store = await openSqliteMetadataStore({ path: join(cli.folder, '.modelry/registry.db') })
  onTestFinished(() => store.close())
  const held = {
    modelId: parseModelId('btc'),
    environment: parseEnvironment('production'),
    lockId: 'other',
  }
  await store.acquireLock({ ...held, holder: 'ci:7', purpose: 'deploy 2.0.0', leaseMs: 600_000 })
  return () => store.releaseLock(held)
}

describe('modelry fix', () => {
  it('waits for the deployment that the last command was refused for, and says that the command can succeed', async () => {
    const cli = await cliInFolder()
    await cli.save('btc@1.0.0')
    const release = await lock(cli)
    expect(await cli(DEPLOY)).toMatchObject({ code: 1 })
    await release()
    const { stdout, stderr } = await cli.ok('fix --yes')
    expect(stderr).toMatch(
      /^Running wait-for-deployment\. It ends after 90 s at the latest, and with Ctrl-C\.\n {2}- /,
    )
    expect(stdout).toContain('CONCURRENT_DEPLOYMENT/deployment-in-progress  modelry deploy, ')
    expect(stdout).toContain('Nobody is deploying btc to production any more')
    expect(stdout).toContain('Fixed: the same command can succeed.')
    expect((await cli.ok('fix --yes --json')).json).toMatchObject({
      code: 'CONCURRENT_DEPLOYMENT',
      plan: { fix: 'wait-for-deployment' },
      fixed: true,
      lastFix: { ended: 'fixed' },
    })
    await cli.ok(DEPLOY)
  })

  it('says everything once to a person who sees both outputs', async () => {
    const cli = await cliInFolder()
    await cli.save('btc@1.0.0')
    const release = await lock(cli)
    await cli(DEPLOY)
    await release()
    const { stdout, stderr } = await cli.ok('fix --yes --no-color', { columns: 100 })
    expect(stderr).toMatch(
      /CONCURRENT_DEPLOYMENT[\s\S]*Plan: [\s\S]*Running wait-for-deployment[\s\S]* {2}- The other deployment has ended/,
    )
    expect(stdout).toMatch(/^Fixed: the same command can succeed/)
  })

  it('shows the plan and runs nothing without a yes', async () => {
    const cli = await cliInFolder()
    await cli.save('btc@1.0.0')
    await lock(cli)
    await cli(DEPLOY)
    const unasked = await cli('fix')
    expect(unasked).toMatchObject({ code: 1, stderr: '' })
    expect(unasked.stdout).toContain('Wait until ci:7, to deploy 2.0.0 has ended')
    expect(unasked.stdout).toContain('Add --yes to run the plan.')
    const no = await cli('fix', { typed: 'n\n' })
    expect(no).toMatchObject({ code: 1, stdout: expect.stringContaining('Nothing was done.') })
    expect(no.stderr).toContain('Run this plan? [y/N]')
    expect((await cli('fix --json')).json).not.toHaveProperty('lastFix')
  })

  it('runs the plan after a yes at the terminal', async () => {
    const cli = await cliInFolder()
    await cli.save('btc@1.0.0')
    const release = await lock(cli)
    await cli(DEPLOY)
    await release()
    expect((await cli.ok('fix', { typed: 'y\n' })).stdout).toContain('Fixed: ')
  })

  it('changes no table without a yes, and runs the migrations with one', async () => {
    const cli = await cliInFolder()
    const unmigrated = await cli('list', { env: { MODELRY_MIGRATIONS: 'check' } })
    expect(unmigrated).toMatchObject({ code: 1, stderr: expect.stringContaining('schema-older') })
    const asked = await cli('fix')
    expect(asked).toMatchObject({ code: 1, stdout: expect.stringContaining('Nothing was done.') })
    expect((await cli.ok('db status')).stdout).toContain('missing')
    expect((await cli.ok('fix --yes')).stdout).toContain('Fixed: ')
    expect((await cli.ok('db status')).stdout).not.toContain('missing')
  })

  it('repairs what is underneath the failure, as the error has promised', async () => {
    const cli = await cliInFolder()
    await cli.save('btc@1.0.0')
    const stored = join(cli.folder, '.modelry/artifacts/models/btc')
    const [file = ''] = (await readdir(stored, { recursive: true })).filter((name) => name.endsWith('.json'))
    const whole = await readFile(join(stored, file))
    await writeFile(join(stored, file), '')
    const { stderr } = await cli(DEPLOY)
    expect(stderr).toMatch(/Cause +files-missing[\s\S]*Repair +modelry fix shows the plan/)
    expect((await cli('fix')).stdout).toContain('Plan: reread-file')
    await writeFile(join(stored, file), whole)
    expect((await cli.ok('fix --yes')).stdout).toContain('Fixed: ')
    await cli.ok(DEPLOY)
  })

  it('is named by the error with the options that say which stores', async () => {
    const cli = await cliInFolder()
    await cli.save('btc@1.0.0')
    await lock(cli)
    const { stderr } = await cli(`${DEPLOY} --store file:.modelry/artifacts`)
    expect(stderr).toContain('Repair    modelry fix --store file:.modelry/artifacts shows the plan')
  })

  it('repairs nothing of other stores than those that the command failed on', async () => {
    const cli = await cliInFolder()
    await cli.save('btc@1.0.0')
    await cli(`${DEPLOY} --store file:elsewhere`)
    const { code, stdout } = await cli('fix --yes')
    expect(code).toBe(1)
    const text = stdout.replace(/\s+/g, ' ')
    expect(text).toContain(`happened on the store file:${join(cli.folder, 'elsewhere')}, and not on`)
    expect(text).toContain(
      'Nothing was done. Give modelry fix the --store of that command, or MODELRY_STORE.',
    )
    expect((await cli('fix --yes --json')).json).toMatchObject({ fixed: false })
    expect((await cli('fix --store file:elsewhere')).stdout).toContain('There is no repair.')
  })

  it('says why there is no repair, and what to do by hand', async () => {
    const cli = await cliInFolder()
    await cli.save('btc@1.0.0')
    await cli.write('other.json', '{}')
    const again = 'save other.json --id btc --version 1.0.0 --type lstm --input-shape 60,5 --output-shape 1'
    expect(await cli(again)).toMatchObject({ code: 1 })
    const { code, stdout } = await cli('fix --yes')
    expect(code).toBe(1)
    expect(stdout.replace(/\s+/g, ' ')).toContain('There is no repair. Versions are immutable')
    expect(stdout).toMatch(/By hand\n {2}1\. /)
  })

  it('takes a failure by its name, with what it was about', async () => {
    const cli = await cliInFolder()
    await cli.save('btc@1.0.0')
    const name = 'fix CONCURRENT_DEPLOYMENT/deployment-in-progress --yes'
    await cli.ok(`${name} --id btc --version 1.0.0 --env production`)
    const unknown = await cli('fix DUPLICATE_MODEL/save-in-progress --yes')
    expect(unknown.code).toBe(1)
    expect(unknown.stdout.replace(/\s+/g, ' ')).toContain('has to know what the failure was about: give --id')
    for (const [wrong, says] of [
      ['NO_SUCH_CODE/x', 'The catalog has no NO_SUCH_CODE.'],
      ['DUPLICATE_MODEL', 'Name the cause too'],
      ['DUPLICATE_MODEL/nothing-like-it', 'DUPLICATE_MODEL has no cause'],
    ])
      expect(await cli(`fix ${wrong}`)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining(says ?? ''),
      })
  })

  it('says so when no failure is on record, or the record cannot be read', async () => {
    const cli = await cliInFolder()
    await cli.save('btc@1.0.0')
    expect((await cli('fix', { env: { MODELRY_HOME: 'nowhere' } })).code).toBe(1)
    await expect(access(join(cli.folder, 'nowhere'))).rejects.toThrow()
    const none = { code: 1, stdout: expect.stringContaining('No failed command is on record here.') }
    expect(await cli('fix')).toMatchObject(none)
    await writeFile(join(cli.folder, '.modelry/last-failure.json'), '{"at":')
    expect(await cli('fix')).toMatchObject(none)
  })
})

describe('the failure that is kept', () => {
  it('is that of a registry command: not of wrong usage, and not of one that only tells of errors', async () => {
    const cli = await cliInFolder()
    await cli.save('btc@1.0.0')
    const path = join(cli.folder, '.modelry/last-failure.json')
    for (const line of ['delete btc@1.0.0', 'deploy btc', 'explain NOTHING', 'fix']) await cli(line)
    await expect(access(path)).rejects.toThrow()
    await cli('deploy btc@9.9.9 --env production')
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({
      command: 'deploy',
      error: { code: 'DEPLOYMENT_FAILED' },
    })
    for (const end of ['', '-wal', '-shm'])
      await rm(join(cli.folder, `.modelry/registry.db${end}`), { force: true })
    await writeFile(join(cli.folder, '.modelry/registry.db'), 'no database at all, '.repeat(100))
    expect(await cli('fix --yes --json')).toMatchObject({ code: 1, json: { code: 'DATABASE_ERROR' } })
    expect(await readFile(path, 'utf8')).toContain('"command": "deploy"')
  })

  it('makes no folder where there is none', async () => {
    const cli = await cliInFolder()
    expect((await cli('deploy btc@1.0.0 --env x --db sqlite:./x/r.db --store file:./x')).code).toBe(1)
    await expect(access(join(cli.folder, '.modelry'))).rejects.toThrow()
  })
})
