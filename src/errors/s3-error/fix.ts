import { isAtOrBelow, isS3Address } from '../../domain/s3-address.js'
import type { StoreRepair } from '../../ports/store-repair.js'
import type { FixStep } from '../auto-fix.js'
import type { Cause } from '../cause.js'
import { breakerOpen } from '../causes/breaker.js'
import { hostNotFound, resolverUnavailable } from '../causes/network.js'
import { outages } from '../causes/outages.js'
import {
  checkStore,
  createBucket,
  endUploads,
  followRegion,
  refreshCredentials,
  removeDeleteMarker,
  usePathStyle,
  waitForStore,
} from '../causes/repairs.js'
import { accessDenied } from '../causes/s3-access.js'
import {
  clockSkew,
  credentialsExpired,
  credentialsMissing,
  signatureMismatch,
  unknownAccessKey,
  wrongRegion,
} from '../causes/s3-credentials.js'
import { bucketMissing, deleteMarker } from '../causes/s3-objects.js'
import { throttled } from '../causes/s3-service.js'
import { partsRefused, uploadGone } from '../causes/s3-uploads.js'
import { tlsWrongHost } from '../causes/tls.js'
import type { ErrorCode } from '../entry.js'
import { FIRST_PAUSE_MS, type Fix, type FixRule, type FixTools, nextPauseMs, seconds } from '../fix.js'
import { isModelRegistryError, type ModelRegistryError } from '../model-registry-error.js'

const PASSING = new Set([...outages, breakerOpen].map(({ id }) => id))

const nameOf = ({ context }: ModelRegistryError) => context.bucket ?? 'of the store'

const probeStep: FixStep = {
  text: 'Write an object, read it and remove it, to see that the store works.',
  changes: 'Nothing that stays.',
  needs: 'The store to answer, and the rights that saves need.',
  undo: 'nothing-to-undo',
}

/** Tries the store out and says what it saw. @returns why the store does not work; undefined when it does. */
async function tryOut(tools: FixTools): Promise<ModelRegistryError | undefined> {
  const failure = await failureOfCheck(tools)
  tools.saw(
    failure === undefined
      ? 'The store was tried out, and works.'
      : `The store was tried out, and does not work: ${failure.reason.because(failure.context)}.`,
  )
  return failure
}

/** A repair that does one thing with the connection or in the store, and then tries the store out. */
function thenProbe(
  fix: Pick<Fix, 'id' | 'applicability' | 'does' | 'reason' | 'effects'>,
  step: (error: ModelRegistryError) => FixStep,
  work: (error: ModelRegistryError, repair: StoreRepair, tools: FixTools) => Promise<void>,
): Fix {
  return {
    ...fix,
    effects: [...fix.effects, 'probe-object'],
    plan: (error) => [step(error), probeStep],
    async run(error, tools) {
      const repair = repairFor(error, tools)
      if (repair === undefined) return false
      await work(error, repair, tools)
      return (await tryOut(tools)) === undefined
    },
  }
}

/** @returns undefined, and says why, where the store that is open is not the one that failed: it would pass every probe. */
function repairFor({ context }: ModelRegistryError, { artifacts, saw }: FixTools): StoreRepair | undefined {
  const { repair } = artifacts
  if (repair === undefined)
    saw('The store that is open is not on S3, and cannot be the one that failed. Name that one: --store.')
  else if (context.bucket !== undefined && context.bucket !== repair.bucket)
    saw(`The failure is about the bucket ${context.bucket}, and the store that is open has ${repair.bucket}.`)
  else return repair
  return undefined
}

const waiting: Fix = {
  ...waitForStore,
  reason: 'It waits, and writes nothing that stays.',
  effects: ['probe-object'],
  plan: (error) => [
    {
      text: `Wait ${askedToWait(error) === 0 ? 'a little' : seconds(askedToWait(error))}, then try the store out, again and again.`,
      changes: 'Nothing.',
      needs: 'The store to come back.',
      undo: 'nothing-to-undo',
    },
    probeStep,
  ],
  async run(error, tools) {
    if (repairFor(error, tools) === undefined) return false
    let waitMs = askedToWait(error)
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = nextPauseMs(pauseMs)) {
      if (waitMs > 0) await tools.pause(waitMs)
      const failure = await tryOut(tools)
      if (failure === undefined) return true
      if (!PASSING.has(failure.reason.id)) return false
      waitMs = Math.max(pauseMs, askedToWait(failure))
    }
  },
}

/** Milliseconds that the breaker or the store itself asks for; for other outages nobody knows when they end. */
function askedToWait({ reason, retry }: ModelRegistryError): number {
  return reason.id === breakerOpen.id || reason.id === throttled.id ? (retry.inMs ?? 0) : 0
}

async function failureOfCheck({ artifacts, signal }: FixTools): Promise<ModelRegistryError | undefined> {
  signal.throwIfAborted()
  try {
    await artifacts.check()
    return undefined
  } catch (failure) {
    if (!isModelRegistryError(failure)) throw failure
    return failure
  }
}

const checking: Fix = thenProbe(
  { ...checkStore, reason: 'It tries the store out, and writes nothing that stays.', effects: [] },
  () => ({
    text: 'See what the store refuses at this moment, since rights and clocks are mended elsewhere.',
    changes: 'Nothing.',
    needs: 'Nothing.',
    undo: 'nothing-to-undo',
  }),
  // The SDK takes the time of the store from its answer, so that a clock that is wrong costs one refusal.
  async ({ reason }, _repair, tools) => {
    if (reason.id === clockSkew.id) await failureOfCheck(tools)
  },
)

const refreshing: Fix = thenProbe(
  {
    ...refreshCredentials,
    reason: 'It asks where the SDK found credentials before, and changes none.',
    effects: ['connection'],
  },
  () => ({
    text: 'Ask for credentials again, in the order of the AWS SDK.',
    changes: 'The credentials that this process goes by.',
    needs: 'Good ones to be there by now.',
    undo: 'nothing-to-undo',
  }),
  async (_error, repair, { did }) => {
    await repair.refreshCredentials()
    did('Credentials are asked for again.')
  },
)

const following: Fix = thenProbe(
  { ...followRegion, reason: 'It concerns this process alone.', effects: ['connection'] },
  (error) => ({
    text: `Ask the store in which region the bucket ${nameOf(error)} is, and go by it.`,
    changes: 'The region that this process goes by, until it ends; the configuration keeps its own.',
    needs: 'The store to name the region.',
    undo: 'nothing-to-undo',
  }),
  async (_error, repair, { did, saw }) => {
    const region = await repair.followRegion()
    if (region === undefined) saw('The store names no region.')
    else did(`This process goes by the region ${region} from here on: set it in the address of the store.`)
  },
)

const inPath: Fix = thenProbe(
  { ...usePathStyle, reason: 'It concerns this process alone.', effects: ['connection'] },
  (error) => ({
    text: `Ask for the bucket ${nameOf(error)} by the path instead of by a host name of its own.`,
    changes: 'The form of requests of this process, until it ends; the configuration keeps its own.',
    needs: 'The endpoint itself to have an address.',
    undo: 'nothing-to-undo',
  }),
  async (_error, repair, { did, saw }) => {
    if (await repair.usePathStyle())
      did('The bucket is in the path from here on: set forcePathStyle=true in the address of the store.')
    else saw('The bucket is in the path already.')
  },
)

const ending: Fix = {
  ...endUploads,
  reason: 'Only what no save has any more is ended; nothing that is visible depends on it.',
  effects: ['unfinished-upload', 'probe-object'],
  plan: ({ context }) => [
    {
      text: `End the uploads that are open at ${context.s3Path ?? 'the address'} and that no save has whose lease holds.`,
      changes: 'The store frees their parts; what is visible stays.',
      needs: 'Nothing.',
      undo: 'cannot-be-undone',
    },
    probeStep,
  ],
  async run({ context }, tools) {
    const { artifacts, metadata } = tools
    const address = context.s3Path ?? ''
    if (isS3Address(address))
      for await (const upload of artifacts.listUnfinished(address)) {
        // Below a folder there are those of others.
        if (upload.address !== address) continue
        const unfinished = await metadata.listUnfinished()
        const has = unfinished.some(
          ({ is, s3Path, expiresInMs }) => is === 'saving' && expiresInMs > 0 && isAtOrBelow(address, s3Path),
        )
        tools.signal.throwIfAborted()
        if (has) tools.saw(`A save that is under way has the upload ${upload.at}.`)
        else if ((await artifacts.endUnfinished(upload.at)) === 'ended')
          tools.did(`The upload ${upload.at} was ended.`)
      }
    return (await tryOut(tools)) === undefined
  },
}

const creating: Fix = thenProbe(
  {
    ...createBucket,
    reason: 'It makes a bucket in your account, which may cost something and whose name others see.',
    effects: ['bucket'],
  },
  (error) => ({
    text: `Make the bucket ${nameOf(error)} in the region that is set.`,
    changes: 'The bucket is there, and empty.',
    needs: 'The right to make buckets, and a name that nobody has.',
    undo: 'can-be-undone',
  }),
  async (error, repair, { did, saw }) => {
    if ((await repair.createBucket()) === 'created') did(`The bucket ${nameOf(error)} was made.`)
    else saw(`The bucket ${nameOf(error)} is there.`)
  },
)

const unhiding: Fix = {
  ...removeDeleteMarker,
  reason:
    'Somebody deleted the object, perhaps on purpose: the version under the marker becomes visible again.',
  effects: ['delete-marker'],
  plan: ({ context }) => [
    {
      text: `Remove the delete marker that hides ${context.s3Path ?? 'the object'}.`,
      changes: 'The object is visible again, as it was before it was deleted.',
      needs: 'The right to delete versions.',
      undo: 'can-be-undone',
    },
  ],
  async run({ context }, { artifacts, did, saw }) {
    const address = context.s3Path ?? ''
    if (!isS3Address(address)) return false
    if ((await artifacts.repair?.removeDeleteMarker(address)) === true)
      did(`The delete marker of ${address} was removed.`)
    const found = await artifacts.stat(address)
    saw(found === undefined ? `${address} is not there.` : `${address} is there: ${found.size} bytes.`)
    return found !== undefined
  },
}

/** What has a host name for its bucket may have one that nobody knows, while the endpoint itself has an address. */
const namedByHost: readonly Cause[] = [hostNotFound, tlsWrongHost]

const REPAIRS: readonly { readonly causes: readonly Cause[]; readonly fix: Fix }[] = [
  { causes: namedByHost, fix: inPath },
  {
    causes: [...outages.filter((one) => one !== hostNotFound), breakerOpen, resolverUnavailable],
    fix: waiting,
  },
  {
    causes: [credentialsExpired, credentialsMissing, unknownAccessKey, signatureMismatch],
    fix: refreshing,
  },
  { causes: [wrongRegion], fix: following },
  { causes: [accessDenied, clockSkew], fix: checking },
  { causes: [bucketMissing], fix: creating },
  { causes: [uploadGone, partsRefused], fix: ending },
  { causes: [deleteMarker], fix: unhiding },
]

/** What can be done about a store, for a code that has these causes. */
export function storeFixes(code: ErrorCode, known: readonly Cause[]): FixRule[] {
  return REPAIRS.flatMap(({ causes, fix }) => {
    const own = causes.filter((cause) => known.includes(cause))
    return own.length === 0 ? [] : [{ code, causes: own, fix }]
  })
}
