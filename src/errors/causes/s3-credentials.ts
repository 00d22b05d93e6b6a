import {
  allOf,
  anyOf,
  commonErrno,
  commonSdk,
  commonWording,
  defineCause,
  sdk,
  status,
  step,
  wording,
} from '../cause.js'
import { quote, s3api, theBucket, theHost } from './place.js'
import { followRegion, refreshCredentials } from './repairs.js'

const ERRORS = 'https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html'
const PROVIDERS =
  'https://docs.aws.amazon.com/sdk-for-javascript/v3/developer-guide/setting-credentials-node.html'

const seeCredentials = step('See which credentials are found, and where they come from.', {
  run: 'aws configure list',
})

/** No provider of the chain had any. Nothing was sent. */
export const credentialsMissing = defineCause({
  id: 'credentials-missing',
  title: 'No credentials for the store',
  narrows: ['wrong-region', 'timed-out'],
  because: () => 'no credentials for the store were found',
  evidence: anyOf(
    sdk(
      'CredentialsProviderError',
      'CredentialsError',
      'NoCredentialsError',
      'PartialCredentialsError',
      'CredentialRetrievalError',
      'NoCredentialProviders',
      'NoAuthHandlerFound',
      'ProfileNotFound',
      'MissingSecurityHeader',
      'MissingAuthenticationToken',
      'MissingAuthenticationTokenException',
    ),
    commonSdk('NoAuthTokenError'),
    wording([
      'could not load credentials from any providers',
      'unable to locate credentials',
      'missing credentials in config',
      'partial credentials found',
      'resolved credential object is not valid',
      'no valid credential sources',
      'nocredentialproviders',
      'no ec2 imds role found',
      'unable to load credentials',
      'unable to load aws credentials',
      'aws credentials have not been set',
      'error when retrieving credentials',
      'credential refresh failed',
      'failed to retrieve credentials',
      'failed to refresh cached credentials',
      'could not be found in the config',
    ]),
    allOf(sdk('AuthorizationHeaderMalformed'), wording(['credential is malformed', 'non-empty access key'])),
  ),
  retry: 'after-fix',
  steps: () => [
    seeCredentials,
    step(
      'Give the process itself AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile (AWS_PROFILE), or a role of the machine.',
    ),
    step('See who you are with them, then make the same call again.', { run: 'aws sts get-caller-identity' }),
  ],
  source: PROVIDERS,
})

/** Temporary credentials were good, and their time is over. */
export const credentialsExpired = defineCause({
  id: 'credentials-expired',
  title: 'The credentials have expired',
  narrows: ['credentials-missing'],
  because: () => 'the temporary credentials for the store have expired',
  evidence: anyOf(
    sdk(
      'TokenRefreshRequired',
      'UnauthorizedSSOTokenError',
      'SSOTokenLoadError',
      'TokenRetrievalError',
      'TokenProviderError',
      'CredentialsExpiredError',
    ),
    commonSdk('ExpiredToken', 'ExpiredTokenException', 'RequestExpired', 'SSOError'),
    wording([
      'security token included in the request is expired',
      'provided token has expired',
      'sso session associated with this profile has expired',
      'sso session has expired',
      'token has expired and refresh failed',
      'credentials were refreshed, but the refreshed credentials are still expired',
      'error loading sso token',
      'token for default is expired',
      'the sso token…expired',
    ]),
  ),
  retry: 'after-fix',
  fix: refreshCredentials,
  steps: () => [
    step('Sign in again, where a person works with a profile.', { run: 'aws sso login' }),
    step(
      'On a machine, use a role rather than keys that were copied. A process that read AWS_SESSION_TOKEN keeps it until it is restarted.',
    ),
    step('See who you are with them, then make the same call again.', { run: 'aws sts get-caller-identity' }),
  ],
  source: ERRORS,
})

/** The store has never heard of the access key, or the session token is not one of its own. */
export const unknownAccessKey = defineCause({
  id: 'unknown-access-key',
  title: 'The access key is not known',
  because: () => 'the store does not know the access key',
  evidence: anyOf(
    sdk('InvalidAccessKeyId', 'InvalidClientTokenId', 'UnrecognizedClientException', 'InvalidAccessKey'),
    commonSdk('InvalidToken', 'InvalidSecurity'),
    wording([
      'access key id you provided does not exist in our records',
      'security token included in the request is invalid',
      'provided token is malformed or otherwise invalid',
      'access key id…does not exist',
    ]),
  ),
  retry: 'after-fix',
  steps: () => [
    seeCredentials,
    step('See whether the key is active, or was deleted or rotated.', { run: 'aws iam list-access-keys' }),
    step(
      'See that the key and the endpoint belong together: AWS, MinIO, R2 and Supabase each have their own.',
    ),
    step('With temporary keys (ASIA…), pass the session token that came with them, and no other.'),
  ],
  source: ERRORS,
})

/** The key is known, but what was signed is not what arrived: a wrong secret, or a request changed on its way. */
export const signatureMismatch = defineCause({
  id: 'signature-mismatch',
  title: 'The signature does not match',
  because: () =>
    'the secret key is not the one of the access key, or something changed the request on its way',
  evidence: anyOf(
    sdk('SignatureDoesNotMatch', 'InvalidSignatureException'),
    commonSdk('InvalidSignature'),
    wording([
      'request signature we calculated does not match',
      'signature you provided does not match',
      'the calculated request signature does not match',
    ]),
  ),
  retry: 'after-fix',
  steps: () => [
    step('Copy the secret key again, whole; special characters need quotes in a shell or an .env file.'),
    seeCredentials,
    step('Where the key is right, look for a proxy that rewrites headers, path or host name.'),
    step('With a signed URL, send exactly the method and the headers that it was signed for.'),
  ],
  source: ERRORS,
})

/** The request was signed for, or sent to, another region than the bucket's. */
export const wrongRegion = defineCause({
  id: 'wrong-region',
  title: 'The region or endpoint is not that of the bucket',
  narrows: ['endpoint-invalid'],
  because: (c) =>
    `${theBucket(c)} is not reached by way of ${c.region === undefined ? 'the region and endpoint that are set' : `the region ${c.region}`}`,
  evidence: anyOf(
    sdk(
      'AuthorizationHeaderMalformed',
      'AuthorizationQueryParametersError',
      'PermanentRedirect',
      'TemporaryRedirect',
      'IllegalLocationConstraintException',
      'InvalidLocationConstraint',
      'InvalidRegionError',
      'BucketRegionError',
      'IncorrectEndpoint',
    ),
    commonSdk('InvalidRegion'),
    status(301),
    wording([
      'must be addressed using the specified endpoint',
      'the region…is wrong; expecting',
      'incorrect region, the bucket is not in',
      'location constraint is incompatible for the region specific endpoint',
      'is in this region…please use this region to retry',
      'not a valid region',
    ]),
    commonWording(['does not match a region']),
  ),
  retry: 'after-fix',
  fix: followRegion,
  steps: (c) => [
    step(`See where ${theBucket(c)} is; an empty answer means us-east-1.`, {
      run: s3api(c, 'get-bucket-location', 'bucket'),
    }),
    step(
      `Set ${typeof c.expected === 'string' ? `the region ${c.expected}` : 'that region'} in the address of the store (s3://bucket/prefix?region=…) or in AWS_REGION. A store other than AWS also needs its endpoint, and mostly forcePathStyle=true.`,
    ),
  ],
  source: ERRORS,
})

/** The endpoint is no address that can be called. */
export const endpointInvalid = defineCause({
  id: 'endpoint-invalid',
  title: 'The endpoint is not a URL',
  because: () => 'the endpoint of the store is not a URL that can be called',
  evidence: anyOf(
    allOf(commonErrno('ERR_INVALID_URL'), commonWording(['invalid url'])),
    sdk('InvalidEndpointError'),
    commonSdk('InvalidEndpoint', 'InvalidHost'),
    wording(['invalid endpoint:', 'custom endpoint…was not a valid uri', 'endpoint…must be a valid url']),
  ),
  retry: 'after-fix',
  steps: (c) => [
    step('See what is set as the store.', { run: 'modelry config' }),
    step(
      `Write the endpoint with its scheme, such as https://${theHost(c, 'minio.internal:9000')}, and percent-encode it inside of an s3:// address.`,
    ),
  ],
  source: 'https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html',
})

/** The SDK does not know where to send the request. Nothing was sent. */
export const regionMissing = defineCause({
  id: 'region-missing',
  title: 'No region is set',
  narrows: ['endpoint-invalid', 'wrong-region'],
  because: () => 'no region is set for the store',
  evidence: anyOf(
    sdk('NoRegionError', 'MissingRegion', 'MissingRegionError', 'MissingEndpoint'),
    commonSdk('ConfigError'),
    wording([
      'region is missing',
      'missing region in config',
      'you must specify a region',
      'invalid configuration: missing region',
      'an aws region is required',
      'unable to find a region via the region provider chain',
      'could not find region configuration',
    ]),
  ),
  retry: 'after-fix',
  steps: () => [
    step('Set it in the address of the store (s3://bucket/prefix?region=…) or in AWS_REGION.', {
      run: `export AWS_REGION=${quote('us-east-1')}`,
    }),
    step('A store other than AWS takes any region that it was started with; us-east-1 is the usual one.'),
  ],
  source: 'https://docs.aws.amazon.com/sdkref/latest/guide/feature-region.html',
})

/** S3 takes requests that were signed within 15 minutes of its own clock. */
export const clockSkew = defineCause({
  id: 'clock-skew',
  title: 'The clock is wrong',
  narrows: ['signature-mismatch', 'credentials-expired'],
  because: () => 'the clock of this machine is more than 15 minutes away from that of the store',
  evidence: anyOf(
    sdk('RequestTimeTooSkewed', 'RequestInTheFuture', 'RequestNotValidYet'),
    wording([
      'difference between the request time and the current time is too large',
      'difference between the request time and the server',
      'signature not yet current',
      'signature expired: …is now earlier than',
    ]),
  ),
  retry: 'after-fix',
  steps: () => [
    step('Compare the clock with the one of the store.', {
      run: 'date -u; curl -sSI https://s3.amazonaws.com | grep -i ^date',
    }),
    step('Let the machine keep its time by NTP.', { run: 'timedatectl set-ntp true' }),
    step('A container or virtual machine that was suspended takes the time of its host: restart it.'),
  ],
  source: ERRORS,
})

/** Most likely first. */
export const s3CredentialCauses = [
  credentialsMissing,
  credentialsExpired,
  signatureMismatch,
  unknownAccessKey,
  wrongRegion,
  regionMissing,
  clockSkew,
  endpointInvalid,
] as const
