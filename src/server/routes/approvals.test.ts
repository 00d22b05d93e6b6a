import { describe, expect, it } from 'vitest'
import { connectRegistry } from '../../client/index.js'
import { DeploymentError, ModelValidationError } from '../../errors/index.js'
import { saved } from '../testing/saved.js'
import { send } from '../testing/send.js'
import { served } from '../testing/served.js'

const path = '/api/models/btc-lstm/versions/1.0.0/approvals/production'

/** A server whose production asks for two approvals, and its clients by the names of their tokens. */
async function servedTeam() {
  const { url, engine } = await served({}, { environments: { production: { approvals: 2 }, staging: {} } })
  await saved(url)
  const names = ['ann', 'bob', 'cyd'] as const
  const tokens = { ann: '', bob: '', cyd: '' }
  for (const name of names) tokens[name] = await engine.tokens.create(name, ['deploy'])
  const client = (name: (typeof names)[number]) =>
    connectRegistry({ url, token: tokens[name], retries: { attempts: 1 } })
  return { url, engine, tokens, ann: client('ann'), bob: client('bob'), cyd: client('cyd') }
}

const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => expect.unreachable('it should have failed'),
    (error: unknown) => error,
  )

describe('approvals over HTTP', () => {
  it('let a version be deployed by somebody else than who approved it', async () => {
    const { ann, bob, cyd } = await servedTeam()
    const deploy = () => ann.deployModel('btc-lstm', '1.0.0', { environment: 'production' })
    const refused = await failureOf(deploy())
    expect(refused).toBeInstanceOf(DeploymentError)
    expect(refused).toMatchObject({
      reason: { id: 'policy-not-met' },
      context: { step: 'policy', actor: 'ann', approvedBy: [], approvalsMissing: 2 },
    })
    await ann.approveDeployment('btc-lstm', '1.0.0', 'production')
    await bob.approveDeployment('btc-lstm', '1.0.0', 'production')
    expect(await failureOf(deploy())).toMatchObject({ context: { approvedBy: ['bob'], approvalsMissing: 1 } })
    const record = await cyd.approveDeployment('btc-lstm', '1.0.0', 'production')
    expect(record.approvals?.map(({ approvedBy }) => approvedBy)).toEqual(['ann', 'bob', 'cyd'])
    expect(await deploy()).toMatchObject({ deployedBy: 'ann', approvedBy: ['bob', 'cyd'] })
  })

  it('are those of the token, whatever name the caller gives itself', async () => {
    const { url, tokens, engine } = await servedTeam()
    const headers = { 'x-modelry-actor': 'cyd' }
    await send(url, path, { method: 'PUT', token: tokens.bob, headers })
    const record = await engine.registry.getModel('btc-lstm', '1.0.0')
    expect(record?.approvals).toMatchObject([{ approvedBy: 'bob' }])
  })

  it('are not taken without a token, not even by a server that has none', async () => {
    const { url, engine } = await served()
    await saved(url)
    for (const method of ['PUT', 'DELETE']) {
      const headers = { 'x-modelry-actor': 'ann' }
      const answer = await send(url, path, { method, headers })
      expect(answer.status).toBe(401)
      expect(answer.json()).toMatchObject({ code: 'MODEL_VALIDATION_FAILED', cause: 'token-missing' })
    }
    expect(await engine.registry.getModel('btc-lstm', '1.0.0')).not.toHaveProperty('approvals')
    const error = await failureOf(
      connectRegistry({ url }).approveDeployment('btc-lstm', '1.0.0', 'production'),
    )
    expect(error).toBeInstanceOf(ModelValidationError)
  })

  it('cannot be got around by deploying under another name, where a server has no tokens', async () => {
    const { url, engine } = await served({}, { environments: { production: { approvals: 1 }, staging: {} } })
    await saved(url)
    await engine.registry.approveDeployment('btc-lstm', '1.0.0', 'production', { actor: 'ann' })
    const deploy = (environment: string) =>
      send(url, '/api/models/btc-lstm/deployments', {
        method: 'POST',
        json: { version: '1.0.0', environment },
        headers: { 'x-modelry-actor': 'zoe' },
      })
    const refused = await deploy('production')
    expect([refused.status, refused.json().cause]).toEqual([401, 'token-missing'])
    expect((await deploy('staging')).status).toBe(201)
    expect(await engine.registry.getActiveModel('btc-lstm', 'production')).toBeNull()
  })

  it('need a token that may deploy', async () => {
    const { url, engine } = await servedTeam()
    const token = await engine.tokens.create('reader', ['write'])
    const answer = await send(url, path, { method: 'PUT', token })
    expect(answer.status).toBe(403)
  })

  it('can be taken back, by whoever may deploy', async () => {
    const { ann, bob, cyd } = await servedTeam()
    await bob.approveDeployment('btc-lstm', '1.0.0', 'production')
    await cyd.approveDeployment('btc-lstm', '1.0.0', 'production')
    await cyd.revokeApproval('btc-lstm', '1.0.0', 'production')
    const record = await ann.revokeApproval('btc-lstm', '1.0.0', 'production', { approvedBy: 'bob' })
    expect(record).not.toHaveProperty('approvals')
    const error = await failureOf(ann.deployModel('btc-lstm', '1.0.0', { environment: 'production' }))
    expect(error).toMatchObject({ context: { approvalsMissing: 2 } })
  })
})
