import {
  allOf,
  anyOf,
  commonSdk,
  commonWording,
  defineCause,
  type ErrorContext,
  sdk,
  status,
  step,
  wording,
} from '../cause.js'
import { bucketOf, s3api, theBucket, theObject } from './place.js'

const ACCESS = 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html'

const who = (c: ErrorContext) => c.identity ?? 'the identity that asks'
const what = (c: ErrorContext) => c.action ?? 'this action'
const seeIdentity = step('See which identity is used.', { run: 'aws sts get-caller-identity' })

/** The store said no; S3 names the kind of policy in the same sentence. */
const denied = anyOf(
  commonSdk('AccessDenied', 'AccessDeniedException', 'Forbidden'),
  status(403),
  wording(['is not authorized to perform']),
  commonWording(['access denied']),
)

/** The caller is known to the store but may not do this. */
export const accessDenied = defineCause({
  id: 'access-denied',
  title: 'Access denied',
  broad: true,
  because: (c) => `${who(c)} may not do ${what(c)} on ${theObject(c)}`,
  evidence: anyOf(
    sdk('AllAccessDisabled'),
    commonSdk('AccessDenied', 'AccessDeniedException', 'Forbidden', 'UnauthorizedAccess'),
    status(403, {
      not: [
        ...['SignatureDoesNotMatch', 'InvalidAccessKeyId', 'RequestTimeTooSkewed', 'InvalidObjectState'],
        ...['QuotaExceeded', 'ExpiredToken', 'AccountProblem', 'NotSignedUp', 'InvalidSecurity'],
      ],
    }),
    wording(['no identity-based policy allows', 'explicit deny in an identity-based policy']),
    wording(['is not authorized to perform: s3:']),
    commonWording(['access denied']),
  ),
  retry: 'after-fix',
  steps: (c) => [
    seeIdentity,
    step(
      `Grant it ${c.action ?? 's3:GetObject, s3:PutObject and s3:DeleteObject'} on arn:aws:s3:::${bucketOf(c) ?? 'BUCKET'}/*, and s3:ListBucket on arn:aws:s3:::${bucketOf(c) ?? 'BUCKET'}.`,
    ),
    step(
      `Read the policy of ${theBucket(c)}: it must not deny the same; in another account it must allow it.`,
      {
        run: s3api(c, 'get-bucket-policy', 'bucket'),
      },
    ),
    step('Make the same call again; a change of a policy may take some minutes.'),
  ],
  source: ACCESS,
})

/** A policy on the bucket itself says no, or does not say yes to another account. */
export const deniedByBucketPolicy = defineCause({
  id: 'denied-by-bucket-policy',
  title: 'The policy of the bucket denies it',
  because: (c) => `the policy of ${theBucket(c)} does not let ${who(c)} do ${what(c)}`,
  evidence: anyOf(
    wording(['in a resource-based policy', 'no resource-based policy allows']),
    allOf(
      denied,
      wording(['denied by bucket policy', 'bucket policy denies', 'explicit deny…bucket policy']),
    ),
  ),
  retry: 'after-fix',
  steps: (c) => [
    step('Read the policy, and look for a Deny that fits the caller or the action.', {
      run: s3api(c, 'get-bucket-policy', 'bucket'),
    }),
    seeIdentity,
    step('Have the owner of the bucket add an exception to the Deny, which wins over every Allow.'),
  ],
  source: ACCESS,
})

/** A service control policy or resource control policy of the AWS organisation. */
export const deniedByOrganisation = defineCause({
  id: 'denied-by-organisation-policy',
  title: 'A policy of the organisation denies it',
  because: (c) => `a policy of the AWS organisation does not let ${who(c)} do ${what(c)}`,
  evidence: anyOf(
    wording([
      'service control policy',
      'resource control policy',
      'service control policies',
      'resource control policies',
    ]),
  ),
  retry: 'after-fix',
  steps: (c) => [
    step('See which account it is.', { run: 'aws sts get-caller-identity' }),
    step(
      `Ask whoever runs AWS Organizations to allow ${what(c)} on ${theBucket(c)}; no policy inside the account can do it.`,
    ),
    step('Or use a bucket in a region and account that the organisation allows.'),
  ],
  source: 'https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html',
})

/** The object is encrypted with a key that the caller may not use, or that is disabled or gone. */
export const deniedByKmsKey = defineCause({
  id: 'denied-by-kms-key',
  title: 'The encryption key may not be used',
  narrows: ['denied-by-bucket-policy', 'denied-by-organisation-policy'],
  because: (c) => `${who(c)} may not use the KMS key that encrypts ${theObject(c)}`,
  evidence: anyOf(
    sdk(
      'KMS.AccessDeniedException',
      'KMS.DisabledException',
      'KMS.NotFoundException',
      'KMS.KMSInvalidStateException',
      'KMS.InvalidKeyUsageException',
      'KMSAccessDeniedException',
      'KMSDisabledException',
      'KMSNotFoundException',
      'KMSInvalidStateException',
      'KMSInvalidKeyUsageException',
    ),
    wording([
      'not authorized to perform: kms:',
      'kms:generatedatakey',
      'kms:decrypt',
      'ciphertext refers to a customer master key',
      'arn:aws:kms:…is disabled',
      'arn:aws:kms:…is pending deletion',
      'arn:aws:kms:…does not exist',
    ]),
  ),
  retry: 'after-fix',
  steps: (c) => [
    step('See which key the bucket encrypts with.', { run: s3api(c, 'get-bucket-encryption', 'bucket') }),
    step('See whether the key is enabled.', { run: 'aws kms describe-key --key-id KEY_ID' }),
    step('Allow the caller kms:GenerateDataKey and kms:Decrypt, in its own policy and in that of the key.'),
  ],
  source: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html',
})

/** Object Ownership is "bucket owner enforced", so that no ACL is taken. */
export const aclsDisabled = defineCause({
  id: 'acls-disabled',
  title: 'The bucket takes no ACLs',
  because: (c) => `${theBucket(c)} takes no access control lists, and the request carries one`,
  evidence: anyOf(sdk('AccessControlListNotSupported'), wording(['bucket does not allow acls'])),
  retry: 'after-fix',
  steps: (c) => [
    step('Leave the ACL out of the request.'),
    step('See what the bucket enforces.', { run: s3api(c, 'get-bucket-ownership-controls', 'bucket') }),
  ],
  source: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html',
})

/** Block Public Access refuses a policy or an ACL that would open the bucket, or a caller without an identity. */
export const publicAccessBlocked = defineCause({
  id: 'public-access-blocked',
  title: 'Block Public Access refuses it',
  because: (c) => `Block Public Access is on for ${theBucket(c)} or its account`,
  evidence: anyOf(
    wording([
      'blockpublicpolicy',
      'blockpublicacls',
      'restrictpublicbuckets',
      's3 block public access',
      'block public access setting',
      'public access is blocked',
    ]),
  ),
  retry: 'after-fix',
  steps: (c) => [
    step('See which of the four settings is on.', { run: s3api(c, 'get-public-access-block', 'bucket') }),
    step('Call the store with credentials instead of anonymously: a registry needs no public bucket.'),
    step('Leave public grants out of the policy or ACL.'),
  ],
  source: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html',
})

/** A presigned URL was used after the time that is signed into it. */
export const signedUrlExpired = defineCause({
  id: 'signed-url-expired',
  title: 'The signed URL has expired',
  narrows: ['credentials-expired'],
  because: () => 'the signed URL was used after the time that it is good for',
  evidence: anyOf(
    sdk('ExpiredRequest'),
    allOf(denied, wording(['request has expired'])),
    wording(['signed url…expired', 'presigned url…expired']),
  ),
  retry: 'after-fix',
  steps: () => [
    step('Ask for a new URL, by making the same call again, and use it at once.'),
    step(
      'Where it expires too early, sign with credentials that last longer: a URL ends with the session that signed it.',
    ),
    step('See that the clocks agree.', { run: 'date -u' }),
  ],
  source: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html',
})

/** The account behind the credentials may not use the store at all. */
export const accountProblem = defineCause({
  id: 'account-problem',
  title: 'The account may not use the store',
  because: () => 'the account behind the credentials is suspended, not signed up, or owes money',
  evidence: sdk('AccountProblem', 'NotSignedUp', 'UserSuspended', 'InvalidPayer', 'AccountSuspended'),
  retry: 'after-fix',
  steps: () => [
    step('See which account it is.', { run: 'aws sts get-caller-identity' }),
    step('Ask its owner, or the support of the provider, to settle it.'),
  ],
  source: 'https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html',
})

/** Most likely first; the more exact ones win where the store says more. */
export const s3AccessCauses = [
  accessDenied,
  deniedByBucketPolicy,
  deniedByKmsKey,
  deniedByOrganisation,
  signedUrlExpired,
  publicAccessBlocked,
  aclsDisabled,
  accountProblem,
] as const
