import { describe, expect, it } from 'vitest'
import type { ModelMetadata } from '../domain/metadata.js'
import { served } from '../server/testing/served.js'
import { fromStored } from '../sources/from-stored.js'
import { connectRegistry } from './connect-registry.js'

function metadata(version: string): ModelMetadata {
  return { modelId: 'm', version, modelType: 'lstm', inputShape: [1], outputShape: [1] }
}

/** A registry whose caller gives up when the answer to `ending` is there, before it sees it. */
function impatient(url: string, ending: RegExp) {
  const controller = new AbortController()
  const methods: string[] = []
  const registry = connectRegistry({
    url,
    fetch: async (input, init) => {
      methods.push(`${init?.method} ${new URL(String(input)).pathname}`)
      if (!ending.test(String(input)) || init?.method !== 'POST') return fetch(input, init)
      await fetch(input, { ...init, signal: null })
      controller.abort(new Error('too long'))
      throw controller.signal.reason
    },
  })
  return { registry, signal: controller.signal, methods }
}

describe('a signal that ends a save', () => {
  it('leaves open whether it took effect once publishing is asked for, and takes nothing back', async () => {
    const { url, engine } = await served()
    const { registry, signal, methods } = impatient(url, /\/publish$/)
    const error = await registry.saveModel('x', metadata('1.0.0'), { signal }).catch((thrown) => thrown)
    expect(error).toMatchObject({ code: 'S3_UPLOAD_FAILED', reason: { id: 'aborted' }, outcome: 'unknown' })
    expect(error.message).toBe(
      'saveModel of m@1.0.0 ended without an answer, because the caller ended it. It is not known whether it took effect: read the state back before making the call again.',
    )
    expect(methods.filter((asked) => asked.startsWith('DELETE'))).toEqual([])
    expect(await engine.registry.getModel('m', '1.0.0')).not.toBeNull()
  })

  it('leaves it open for objects that are stored already', async () => {
    const { url, engine } = await served()
    const { s3Path } = await connectRegistry({ url }).saveModel('x', metadata('1.0.0'))
    const { registry, signal } = impatient(url, /\/api\/models$/)
    const saving = registry.saveModel(fromStored(s3Path), metadata('2.0.0'), { signal })
    await expect(saving).rejects.toMatchObject({ reason: { id: 'aborted' }, outcome: 'unknown' })
    expect(await engine.registry.getModel('m', '2.0.0')).not.toBeNull()
  })

  it('leaves nothing behind before that', async () => {
    const { url, engine } = await served()
    const controller = new AbortController()
    const onProgress = () => controller.abort()
    const saving = connectRegistry({ url }).saveModel('x', metadata('1.0.0'), {
      signal: controller.signal,
      onProgress,
    })
    await expect(saving).rejects.toMatchObject({ reason: { id: 'aborted' }, outcome: 'not-applied' })
    expect(await engine.registry.getModel('m', '1.0.0')).toBeNull()
  })
})

it('says nothing of a deployment whose answer was not waited for that may be false', async () => {
  const { url, engine } = await served()
  await connectRegistry({ url }).saveModel('x', metadata('1.0.0'))
  await connectRegistry({ url }).saveModel('y', metadata('2.0.0'))
  const { registry, signal } = impatient(url, /\/deployments$/)
  const deploying = registry.deployModel('m', '1.0.0', { environment: 'prod', signal })
  const error = await deploying.catch((thrown) => thrown)
  expect(error).toMatchObject({ code: 'DEPLOYMENT_FAILED', outcome: 'unknown' })
  expect(error.message).toBe(
    'The deployment of m@1.0.0 in prod ended without an answer, because the caller ended it. It is not known whether it took effect: read the state back before making the call again.',
  )
  expect(await engine.registry.getActiveModel('m', 'prod')).toMatchObject({ version: '1.0.0' })

  await engine.registry.deployModel('m', '2.0.0', { environment: 'prod' })
  const second = impatient(url, /\/rollback$/)
  const rollback = second.registry.rollbackDeployment('m', 'prod', { signal: second.signal })
  await expect(rollback).rejects.toMatchObject({
    outcome: 'unknown',
    message: expect.stringMatching(/^The rollback of m in prod ended without an answer/),
  })
})
