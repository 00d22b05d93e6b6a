import type { S3, S3ClientConfig } from '@aws-sdk/client-s3'
import { regionMissing } from '../../../errors/causes/s3-credentials.js'
import { Refusal } from '../refusal.js'
import type { AssumedRole, S3Credentials, S3StoreOptions, Timeouts } from './options.js'

type Settings = S3StoreOptions & {
  readonly timeouts: Timeouts
  /** `anew`: credential files are read again, whose text the SDK keeps as long as the process runs. */
  readonly credentialFiles?: 'anew' | undefined
}
type Provider = NonNullable<S3ClientConfig['credentials']>

/**
 * Loads the SDK and makes its client.
 *
 * Every time limit is set, since by default a stalled body hangs for good. `requestTimeout` is not among them: it only
 * warns, and would count the sending of a large part. One connection for each transfer: with a limit, streams that
 * wait to be read would keep all others from opening.
 *
 * @throws Refusal when no region is set, or what `import` says when the package is not installed.
 */
export async function openClient(settings: Settings): Promise<S3> {
  const { S3 } = await import('@aws-sdk/client-s3')
  const { region, endpoint, forcePathStyle, profile, timeouts } = settings
  const credentials = await credentialsOf(settings)
  const agent = { keepAlive: true, maxSockets: Number.POSITIVE_INFINITY }
  const client = new S3({
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(forcePathStyle === undefined ? {} : { forcePathStyle }),
    ...(profile === undefined ? {} : { profile }),
    ...(credentials === undefined ? {} : { credentials }),
    // Retries are the driver's: withRetries().
    maxAttempts: 1,
    // Checksums are given with each request where the store knows them; what is read is checked by its sha256.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // It would take a new connection for each part, and a wait of seconds where a store does not know the header.
    expectContinueHeader: false,
    requestHandler: {
      connectionTimeout: timeouts.connectMs,
      socketTimeout: timeouts.idleMs,
      httpAgent: agent,
      httpsAgent: agent,
    },
  })
  await client.config.region().catch(() => {
    throw new Refusal(regionMissing)
  })
  return client
}

async function credentialsOf({
  credentials,
  assumeRole,
  profile,
  region,
  credentialFiles,
}: Settings): Promise<Provider | undefined> {
  const found = credentialFiles === 'anew' ? await chain({ profile, ignoreCache: true }) : undefined
  const given = credentials === undefined ? found : providerOf(credentials)
  return assumeRole === undefined ? given : assumed(assumeRole, given, { profile, region })
}

function providerOf(credentials: S3Credentials | (() => Promise<S3Credentials>)): Provider {
  return typeof credentials === 'function' ? credentials : async () => credentials
}

/** Environment, profiles, SSO, web identity, containers, instance roles: the SDK's own order. */
async function chain({
  profile,
  ignoreCache,
}: {
  readonly profile: string | undefined
  readonly ignoreCache?: true
}): Promise<Provider> {
  const { fromNodeProviderChain } = await import('@aws-sdk/credential-providers')
  return fromNodeProviderChain({
    ...(profile === undefined ? {} : { profile }),
    ...(ignoreCache === undefined ? {} : { ignoreCache }),
  })
}

async function assumed(
  { arn, externalId, sessionName = 'modelry', durationSeconds }: AssumedRole,
  master: Provider | undefined,
  { profile, region }: { profile: string | undefined; region: string | undefined },
): Promise<Provider> {
  const { fromTemporaryCredentials } = await import('@aws-sdk/credential-providers')
  const masterCredentials = master ?? (await chain({ profile }))
  return fromTemporaryCredentials({
    masterCredentials,
    params: {
      RoleArn: arn,
      RoleSessionName: sessionName,
      ...(externalId === undefined ? {} : { ExternalId: externalId }),
      ...(durationSeconds === undefined ? {} : { DurationSeconds: durationSeconds }),
    },
    ...(region === undefined ? {} : { clientConfig: { region } }),
  })
}
