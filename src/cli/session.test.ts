import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { describe, expect, it, onTestFinished } from 'vitest'
import { onSameStores, Session } from './session.js'

async function sessionIn(env: Readonly<Record<string, string>> = {}): Promise<Session> {
  const cwd = await mkdtemp(join(tmpdir(), 'modelry-session-'))
  onTestFinished(() => rm(cwd, { recursive: true, force: true }))
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const { signal } = new AbortController()
  return new Session({ stdin, stdout, stderr, env, cwd, signal }, { json: false, color: false, debug: false })
}

describe('a session', () => {
  it('opens the registry once, whoever asks for it, and closes it', async () => {
    const session = await sessionIn()
    const registry = await session.registry()
    expect(await session.registry()).toBe(registry)
    expect((await session.engine('a test')).registry).toBe(registry)
    await session.close()
    await expect(registry.listModels()).rejects.toMatchObject({ code: 'DATABASE_ERROR' })
  })

  it('closes what only the engine was asked for', async () => {
    const session = await sessionIn()
    const { registry } = await session.engine('a test')
    await session.close()
    await expect(registry.listModels()).rejects.toMatchObject({ code: 'DATABASE_ERROR' })
  })

  it('opens nothing when nothing is asked for', async () => {
    const session = await sessionIn({ MODELRY_STORE: 's3://not/yet' })
    await session.close()
  })

  it('knows the place of an object on this machine, and none on another', async () => {
    const here = await sessionIn()
    const { config } = await here.config()
    expect(await here.placeOf('s3://models/a/b.bin')).toBe(join(config.home, 'artifacts/models/a/b.bin'))
    const there = await sessionIn({ MODELRY_SERVER: 'http://127.0.0.1:9' })
    expect(await there.placeOf('s3://models/a/b.bin')).toBeUndefined()
  })
})

describe('onSameStores', () => {
  const places = { home: './other folder', server: 'http://127.0.0.1:7878' }

  it('names the places of the command that failed in a command that is to be run next', () => {
    expect(onSameStores(places, 'modelry versions btc')).toBe(
      "modelry versions btc --home './other folder' --server http://127.0.0.1:7878",
    )
    expect(onSameStores({}, 'modelry versions btc')).toBe('modelry versions btc')
  })

  it.each([
    'modelry explain S3_ERROR',
    'modelry get btc@latest --json | jq .',
    'modelry versions btc --home elsewhere',
    'ls -ld "$(dirname /srv/registry.db)"',
  ])('leaves %s as it is', (command) => {
    expect(onSameStores(places, command)).toBe(command)
  })
})
