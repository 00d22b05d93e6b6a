import { describe, expect, it } from 'vitest'
import { ConcurrentDeploymentError, DeploymentError } from '../../errors/index.js'
import type { RegistryFixture } from './registry-fixture.js'

export function deploymentClauses(t: RegistryFixture): void {
  describe('deployments', () => {
    it('makes one version active at a time', async () => {
      await t.save('1.0.0')
      await t.save('2.0.0')
      const first = await t.registry.deployModel('btc-lstm', '1.0.0', { environment: 'production' })
      const second = await t.registry.deployModel('btc-lstm', '2.0.0', { environment: 'production' })
      expect(second).toMatchObject({ status: 'active', previousId: first.id, previousVersion: '1.0.0' })
      expect(second.fence).toBeGreaterThan(first.fence)
      expect((await t.registry.getActiveModel('btc-lstm', 'production'))?.version).toBe('2.0.0')
      expect(await t.registry.getActiveModel('btc-lstm', 'staging')).toBeNull()
      const all = await t.registry.listDeployments({ modelId: 'btc-lstm' })
      expect(all.map(({ version, status }) => [version, status])).toEqual([
        ['2.0.0', 'active'],
        ['1.0.0', 'superseded'],
      ])
    })

    it('changes nothing when the version is active already', async () => {
      await t.save('1.0.0')
      const first = await t.registry.deployModel('btc-lstm', '1.0.0', { environment: 'production' })
      const again = await t.registry.deployModel('btc-lstm', '1.0.0', { environment: 'production' })
      expect(again.id).toBe(first.id)
      expect(await t.registry.listDeployments({ modelId: 'btc-lstm' })).toHaveLength(1)
    })

    it('is a DeploymentError when the version is not there', async () => {
      const error = await t.registry
        .deployModel('nobody', '1.0.0', { environment: 'production' })
        .catch((e) => e)
      expect(error).toBeInstanceOf(DeploymentError)
      expect(error.context).toMatchObject({
        modelId: 'nobody',
        version: '1.0.0',
        environment: 'production',
      })
    })

    it('compares before it sets', async () => {
      await t.save('1.0.0')
      await t.save('2.0.0')
      await t.registry.deployModel('btc-lstm', '1.0.0', { environment: 'production', expectedActive: null })
      const error = await t.registry
        .deployModel('btc-lstm', '2.0.0', { environment: 'production', expectedActive: null })
        .catch((e) => e)
      expect(error).toBeInstanceOf(ConcurrentDeploymentError)
      expect(error.reason.id).toBe('expected-version-not-active')
      await t.registry.deployModel('btc-lstm', '2.0.0', {
        environment: 'production',
        expectedActive: '1.0.0',
      })
    })

    it('goes back one deployment at a time', async () => {
      for (const version of ['1.0.0', '2.0.0', '3.0.0']) {
        await t.save(version)
        await t.registry.deployModel('btc-lstm', version, { environment: 'production' })
      }
      const back = await t.registry.rollbackDeployment('btc-lstm', 'production')
      expect(back.version).toBe('2.0.0')
      expect(back.rollbackOf).toBeDefined()
      expect((await t.registry.rollbackDeployment('btc-lstm', 'production')).version).toBe('1.0.0')
      const error = await t.registry.rollbackDeployment('btc-lstm', 'production').catch((e) => e)
      expect(error).toBeInstanceOf(DeploymentError)
      expect(error.reason.id).toBe('nothing-to-roll-back-to')
      expect((await t.registry.getActiveModel('btc-lstm', 'production'))?.version).toBe('1.0.0')
    })

    it('does not roll back to another version that has got the name of the one that served', async () => {
      for (const version of ['1.0.0', '2.0.0']) {
        await t.save(version)
        await t.registry.deployModel('btc-lstm', version, { environment: 'production' })
      }
      await t.registry.deleteModel('btc-lstm', '1.0.0')
      await t.save('1.0.0', {}, { other: 'content' })
      const error = await t.registry.rollbackDeployment('btc-lstm', 'production').catch((e) => e)
      expect(error).toBeInstanceOf(DeploymentError)
      expect(error.reason.id).toBe('version-missing')
      expect((await t.registry.getActiveModel('btc-lstm', 'production'))?.version).toBe('2.0.0')
    })

    it('refuses a version that fails its smoke test, and keeps what was active', async () => {
      await t.save('1.0.0')
      await t.save('2.0.0')
      await t.registry.deployModel('btc-lstm', '1.0.0', {
        environment: 'production',
        smokeTest: async (model) => expect(await model.json()).toEqual({ version: '1.0.0' }),
      })
      const failing = [
        () => false,
        () => {
          throw new RangeError('NaN in the output')
        },
      ]
      for (const smokeTest of failing) {
        const error = await t.registry
          .deployModel('btc-lstm', '2.0.0', { environment: 'production', smokeTest })
          .catch((e) => e)
        expect(error).toBeInstanceOf(DeploymentError)
        expect(error.reason.id).toBe('smoke-test-failed')
        expect(error.context).toMatchObject({ step: 'smoke-test', active: '1.0.0' })
        expect((await t.registry.getActiveModel('btc-lstm', 'production'))?.version).toBe('1.0.0')
      }
    })

    it('refuses a version whose files are gone', async () => {
      const record = await t.save('1.0.0')
      for (const file of record.files) await t.under.remove(file)
      const error = await t.registry
        .deployModel('btc-lstm', '1.0.0', { environment: 'production' })
        .catch((e) => e)
      expect(error).toBeInstanceOf(DeploymentError)
      expect(error.reason.id).toBe('files-missing')
      expect(error.context).toMatchObject({ step: 'files', active: null })
    })

    it('lets many deployments at once end in one active version', async () => {
      const versions = ['1.0.0', '2.0.0', '3.0.0', '4.0.0']
      for (const version of versions) await t.save(version)
      const results = await Promise.all(
        versions.map((version) =>
          t.registry
            .deployModel('btc-lstm', version, { environment: 'production', waitMs: 10_000 })
            .catch((e) => e),
        ),
      )
      for (const result of results) expect(result).not.toBeInstanceOf(Error)
      const deployments = await t.registry.listDeployments({ environment: 'production' })
      expect(deployments.filter(({ status }) => status === 'active')).toHaveLength(1)
      expect(deployments).toHaveLength(4)
    })

    it('holds to the policy of the environment', async () => {
      await t.restart({
        environments: {
          staging: {},
          production: { minimumMetrics: { accuracy: 0.9 }, mustHaveBeenActiveIn: 'staging' },
        },
      })
      await t.save('1.0.0', { accuracy: 0.8 })
      const error = await t.registry
        .deployModel('btc-lstm', '1.0.0', { environment: 'production' })
        .catch((e) => e)
      expect(error).toBeInstanceOf(DeploymentError)
      expect(error.reason.id).toBe('policy-not-met')
      expect(error.message).toContain('0.8')
      expect(error.message).toContain('staging')
      await t.save('1.1.0', { accuracy: 0.95 })
      await t.registry.deployModel('btc-lstm', '1.1.0', { environment: 'staging' })
      await t.registry.deployModel('btc-lstm', '1.1.0', { environment: 'production' })
      const unknown = await t.registry
        .deployModel('btc-lstm', '1.1.0', { environment: 'prodution' })
        .catch((e) => e)
      expect(unknown.reason.id).toBe('environment-unknown')
      expect(unknown.context.didYouMean).toEqual(['production'])
    })
  })
}
