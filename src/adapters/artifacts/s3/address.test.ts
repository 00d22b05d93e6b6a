import { describe, expect, it } from 'vitest'
import { InvalidS3PathError } from '../../../errors/invalid-s3-path/error.js'
import { parseS3StoreAddress } from './address.js'

describe('parseS3StoreAddress', () => {
  it('reads a bucket alone', () => {
    expect(parseS3StoreAddress('s3://models')).toEqual({ bucket: 'models' })
    expect(parseS3StoreAddress('s3://models/')).toEqual({ bucket: 'models' })
  })

  it('reads a prefix of several folders', () => {
    expect(parseS3StoreAddress('s3://models/team/a/')).toEqual({ bucket: 'models', prefix: 'team/a' })
  })

  it('reads every setting', () => {
    const address =
      's3://models/p?region=eu-central-1&endpoint=http%3A%2F%2F127.0.0.1%3A9000&forcePathStyle=true&profile=work' +
      '&roleArn=arn:aws:iam::123456789012:role/models&externalId=x1&sse=aws:kms&kmsKeyId=alias/models' +
      '&storageClass=STANDARD_IA&tags=team%3Dml%26cost%3D7&requestPayer=requester' +
      '&expectedBucketOwner=123456789012&versions=remove&singleLimit=1000&multipartLimit=107374182400'
    expect(parseS3StoreAddress(address)).toEqual({
      bucket: 'models',
      prefix: 'p',
      region: 'eu-central-1',
      endpoint: 'http://127.0.0.1:9000',
      forcePathStyle: true,
      profile: 'work',
      assumeRole: { arn: 'arn:aws:iam::123456789012:role/models', externalId: 'x1' },
      encryption: { is: 'sse-kms', keyId: 'alias/models' },
      storageClass: 'STANDARD_IA',
      tags: { team: 'ml', cost: '7' },
      requesterPays: true,
      expectedBucketOwner: '123456789012',
      versions: 'remove',
      limits: { single: 1_000, multipart: 107_374_182_400 },
    })
  })

  it('reads an endpoint that is written as it is', () => {
    const { endpoint } = parseS3StoreAddress('s3://models?endpoint=http://127.0.0.1:9000')
    expect(endpoint).toBe('http://127.0.0.1:9000')
  })

  it.each([
    ['another scheme', 'https://models/x', 'does not start with s3://'],
    ['no bucket', 's3:///x', 'names no bucket'],
    ['a bad bucket', 's3://Models', 'bucket name "Models"'],
    ['a prefix that leads up', 's3://models/a/../b', 'relative part'],
    ['an unknown setting', 's3://models?regoin=x', 'region is one'],
    ['a setting twice', 's3://models?region=a&region=b', 'region twice'],
    ['a limit that is no number', 's3://models?multipartLimit=1e3', 'not a number of bytes'],
    ['an empty setting', 's3://models?region=', 'region is empty'],
    ['a bad endpoint', 's3://models?endpoint=127.0.0.1:9000', 'no http:// or https:// address'],
    ['a bad truth value', 's3://models?forcePathStyle=yes', 'not true or false'],
    ['a key without its encryption', 's3://models?kmsKeyId=k', 'without sse=aws:kms'],
    ['an external id without a role', 's3://models?externalId=k', 'without a roleArn'],
    ['another payer', 's3://models?requestPayer=me', 'not requester'],
  ])('refuses %s', (_, address, problem) => {
    expect(() => parseS3StoreAddress(address)).toThrow(InvalidS3PathError)
    expect(() => parseS3StoreAddress(address)).toThrow(problem)
  })

  it('refuses credentials, and does not repeat them', () => {
    const refused = () => parseS3StoreAddress('s3://AKIAIOSFODNN7EXAMPLE:wJalrXUtnFEMI@models/p')
    expect(refused).toThrow('credentials')
    expect(refused).not.toThrow('wJalrXUtnFEMI')
  })
})
