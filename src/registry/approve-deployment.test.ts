import { describe, expect, it } from 'vitest'
import type { Environments } from '../domain/policy.js'
import { DeploymentError, ModelNotFoundError, ModelValidationError } from '../errors/index.js'
import { engineWith } from './testing/engine-with.js'
import { metadata } from './testing/registry-fixture.js'

async function registryWith(environments: Environments = { production: { approvals: 2 }, staging: {} }) {
  const { registry } = await engineWith({ environments })
  const save = (version: string) => registry.saveModel({ version }, { ...metadata, version })
  const deploy = (version: string, actor: string) =>
    registry.deployModel('btc-lstm', version, { environment: 'production', actor })
  const approve = (version: string, actor: string) =>
    registry.approveDeployment('btc-lstm', version, 'production', { actor })
  const refused = (version: string, actor: string) => deploy(version, actor).catch((e) => e)
  await save('1.0.0')
  return { registry, save, deploy, approve, refused }
}

describe('approveDeployment', () => {
  it('lets a version be deployed once enough others than who deploys have said yes', async () => {
    const { deploy, approve, refused } = await registryWith()
    const first = await refused('1.0.0', 'ann')
    expect(first).toBeInstanceOf(DeploymentError)
    expect(first.message).toContain(
      '2 approvals by others than ann are asked for, and nobody gave one. It ended at the step policy.',
    )
    expect(first.steps[0].run).toBe('modelry approve btc-lstm@1.0.0 --env production')
    await approve('1.0.0', 'ann')
    await approve('1.0.0', 'bob')
    await approve('1.0.0', 'bob')
    const second = await refused('1.0.0', 'ann')
    expect(second.message).toContain('and only bob gave one')
    expect(second.context).toMatchObject({ approvedBy: ['bob'], approvalsMissing: 1, actor: 'ann' })
    // For bob, it is ann whose word counts and bob's that does not.
    expect((await refused('1.0.0', 'bob')).context.approvedBy).toEqual(['ann'])
    expect(await deploy('1.0.0', 'cyd')).toMatchObject({ deployedBy: 'cyd', approvedBy: ['ann', 'bob'] })
  })

  it('is for one version with its files: one that is saved again under its name has none', async () => {
    const { registry, save, approve, refused } = await registryWith({ production: { approvals: 1 } })
    await approve('1.0.0', 'bob')
    await registry.deleteModel('btc-lstm', '1.0.0')
    await save('1.0.0')
    expect((await refused('1.0.0', 'ann')).reason.id).toBe('policy-not-met')
  })

  it('is told in the history, and can be taken back', async () => {
    const { registry, approve, refused } = await registryWith({ production: { approvals: 1 } })
    const { digest } = await approve('1.0.0', 'bob')
    await registry.revokeApproval('btc-lstm', '1.0.0', 'production', { actor: 'cyd', approvedBy: 'bob' })
    expect((await refused('1.0.0', 'ann')).reason.id).toBe('policy-not-met')
    const history = await registry.listHistory({ modelId: 'btc-lstm', limit: 2 })
    expect(history).toMatchObject([
      { actor: 'cyd', action: 'approval-revoked', environment: 'production', details: { approvedBy: 'bob' } },
      { actor: 'bob', action: 'approved', environment: 'production', details: { digest } },
    ])
  })

  it('is not asked for by a rollback', async () => {
    const { registry, save, deploy, approve } = await registryWith({ production: { approvals: 1 } })
    await save('2.0.0')
    for (const version of ['1.0.0', '2.0.0']) {
      await approve(version, 'bob')
      await deploy(version, 'ann')
    }
    await registry.revokeApproval('btc-lstm', '1.0.0', 'production', { actor: 'bob' })
    expect((await registry.rollbackDeployment('btc-lstm', 'production')).version).toBe('1.0.0')
  })

  it('takes a version by its own name, in an environment that there is', async () => {
    const { registry } = await registryWith()
    await registry.setAlias('btc-lstm', 'champion', '1.0.0')
    const failure = (version: string, environment: string) =>
      registry.approveDeployment('btc-lstm', version, environment).catch((e) => e)
    expect(await failure('champion', 'production')).toBeInstanceOf(ModelValidationError)
    expect(await failure('latest', 'production')).toBeInstanceOf(ModelValidationError)
    expect(await failure('9.0.0', 'production')).toBeInstanceOf(ModelNotFoundError)
    expect(await failure('1.0.0', 'prodution')).toMatchObject({
      reason: { id: 'environment-unknown' },
      context: { didYouMean: ['production'] },
    })
  })
})
