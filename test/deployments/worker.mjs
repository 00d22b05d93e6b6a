// One of several processes on one registry.
//
//   node worker.mjs deploy <options> <name> <log> <first> <count> <seed>   deploys until it is done, or kills itself
//   node worker.mjs save <options> <name> <log> <count>                    saves versions that all want to save
//   node worker.mjs hold <options> <name>                                  deploys 2.0.0 with a test that never ends
//
// `options` is JSON for createModelRegistry. The log gets a line before each call and one after it, so that whoever
// reads it knows what a process that died was doing.
import { openSync, writeSync } from 'node:fs'
import { createModelRegistry, isModelRegistryError } from '../../dist/index.js'

const [mode, options, name, log, ...rest] = process.argv.slice(2)
const registry = await createModelRegistry({ ...JSON.parse(options), actor: name })
const file = log === undefined ? undefined : openSync(log, 'a')
const note = (line) => writeSync(file, `${JSON.stringify(line)}\n`)

if (mode === 'deploy') await deployMany(...rest.map(Number))
if (mode === 'save') await saveMany(Number(rest[0]))
if (mode === 'hold') await hold()
await registry.close()

async function deployMany(first, count, seed) {
  const random = seeded(seed)
  const pick = (list) => list[Math.floor(random() * list.length)]
  for (let n = first; n < first + count; n++) {
    const actor = `${name}#${n}`
    const environment = pick(['staging', 'production'])
    const waitMs = pick([0, 0, 200, 5_000])
    // Some processes die: in a smoke test, while they hold the lock, or somewhere on the way.
    const dies = random() < 0.02 ? pick(['in-test', 'on-the-way']) : 'no'
    if (dies === 'on-the-way') setTimeout(() => process.kill(process.pid, 'SIGKILL'), random() * 8)
    if (random() < 0.1 && dies === 'no') {
      await call({ actor, is: 'rollback', environment }, () =>
        registry.rollbackDeployment('shared', environment, { actor, waitMs }),
      )
      continue
    }
    const version = pick(['1.0.0', '2.0.0', '3.0.0'])
    const active = random() < 0.3 ? await registry.getActiveModel('shared', environment) : undefined
    const expectedActive = active === undefined ? {} : { expectedActive: active?.version ?? null }
    const smokeTest =
      dies === 'in-test'
        ? () => process.kill(process.pid, 'SIGKILL')
        : random() < 0.3
          ? async (model) => (await model.json()).version === version
          : undefined
    await call({ actor, is: 'deploy', environment, version, ...expectedActive }, () =>
      registry.deployModel('shared', version, { environment, actor, waitMs, smokeTest, ...expectedActive }),
    )
  }
}

/** Everybody begins elsewhere, so that each version is wanted by several at once. */
async function saveMany(count) {
  const begin = Number(name.replace(/\D/g, '')) % 2
  for (let n = 0; n < count; n++) {
    const version = `1.${(n + begin) % count}.0`
    await call({ actor: `${name}#${n}`, is: 'save', version }, () =>
      registry.saveModel(
        { by: name, version },
        { modelId: 'wanted', version, modelType: 'neural', inputShape: [1], outputShape: [1] },
      ),
    )
  }
}

async function hold() {
  await registry.deployModel('shared', '2.0.0', {
    environment: 'production',
    smokeTest() {
      process.stdout.write('testing\n')
      return new Promise(() => {})
    },
  })
}

async function call(asked, work) {
  note({ ...asked, step: 'asked', at: Date.now() })
  try {
    const answer = await work()
    note({ actor: asked.actor, step: 'done', at: Date.now(), answer })
  } catch (error) {
    const { code, outcome, reason, context } = isModelRegistryError(error)
      ? error
      : { code: 'NONE', outcome: 'unknown', reason: { id: String(error.stack) }, context: {} }
    const { actual } = context
    note({ actor: asked.actor, step: 'failed', at: Date.now(), code, cause: reason.id, outcome, actual })
  }
}

/** Mulberry32, as in test/support/seed.ts. */
function seeded(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
