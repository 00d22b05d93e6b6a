import { isModelId, type ModelId } from '../../domain/model-id.js'
import { isVersion, type Version } from '../../domain/version.js'
import type { MetadataStore, Unfinished } from '../../ports/metadata-store.js'
import { duplicateReady, duplicateSaving } from '../causes/registry.js'
import { waitForSave } from '../causes/repairs.js'
import { FIRST_PAUSE_MS, type Fix, type FixRule, nextPauseMs, seconds } from '../fix.js'
import type { ModelRegistryError } from '../model-registry-error.js'

interface Subject {
  readonly modelId: ModelId
  readonly version: Version
}

const waiting: Fix = {
  ...waitForSave,
  reason:
    'It only waits: a save whose lease has run out can no longer publish, and the next one takes its place.',
  effects: [],
  async plan(error, { metadata }) {
    const subject = subjectOf(error)
    if (subject === undefined) return []
    const name = `${subject.modelId}@${subject.version}`
    const save = await findSave(metadata, subject)
    return [
      {
        text:
          save === undefined
            ? `Nobody is saving ${name} any more; see whether it was published.`
            : save.expiresInMs > 0
              ? `Wait until the other save of ${name} has ended; unless it lives, its lease runs out in ${seconds(save.expiresInMs)}.`
              : `The other save of ${name} has ended without an answer: its lease has run out.`,
        changes: 'Nothing.',
        needs: 'The other save to end, or its lease to run out.',
        undo: 'nothing-to-undo',
      },
    ]
  },
  async run(error, tools) {
    const subject = subjectOf(error)
    if (subject === undefined) return false
    const name = `${subject.modelId}@${subject.version}`
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = nextPauseMs(pauseMs)) {
      const save = await findSave(tools.metadata, subject)
      if (save === undefined) break
      // Its reservation stays: the next save finds by it what this one has stored, and goes on with that.
      if (save.expiresInMs <= 0) {
        tools.saw(`The lease of the other save has run out: the next save of ${name} takes its place.`)
        return true
      }
      tools.saw(`Another save of ${name} is under way.`)
      await tools.pause(Math.min(pauseMs, save.expiresInMs))
    }
    const record = await tools.metadata.findVersion(subject.modelId, { is: 'version', ...subject })
    if (record === undefined) {
      tools.saw(`${name} is free.`)
      return true
    }
    tools.saw(
      `The other save was published by ${record.createdBy} at ${record.createdAt}: ${name} exists, and versions are immutable.`,
    )
    return false
  },
}

function subjectOf({ context }: ModelRegistryError): Subject | undefined {
  const { modelId = '', version = '' } = context
  return isModelId(modelId) && isVersion(version) ? { modelId, version } : undefined
}

async function findSave(
  metadata: MetadataStore,
  { modelId, version }: Subject,
): Promise<Unfinished | undefined> {
  const unfinished = await metadata.listUnfinished()
  return unfinished.find((one) => one.is === 'saving' && one.modelId === modelId && one.version === version)
}

export const duplicateModelFixes: readonly FixRule[] = [
  { code: 'DUPLICATE_MODEL', causes: [duplicateSaving], fix: waiting },
  {
    code: 'DUPLICATE_MODEL',
    causes: [duplicateReady],
    none: 'Versions are immutable, and only who saves can say whether this is another version: context.nextVersion has the next one, and context.identical says whether the content is the same.',
  },
]
