/** What a caller was about; the same words that the command line takes. */
export const operations = ['upload', 'download', 'delete', 'list', 'deploy', 'metadata'] as const
export type Operation = (typeof operations)[number]

/** The calls of S3 that tell what was wanted: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html */
const calls: Readonly<Record<Exclude<Operation, 'deploy' | 'metadata'>, readonly string[]>> = {
  upload: [
    ...['PutObject', 'CreateMultipartUpload', 'UploadPart', 'UploadPartCopy', 'CompleteMultipartUpload'],
    ...['AbortMultipartUpload', 'ListParts', 'PostObject', 'CopyObject'],
  ],
  download: ['GetObject', 'HeadObject', 'GetObjectAttributes', 'SelectObjectContent', 'RestoreObject'],
  delete: ['DeleteObject', 'DeleteObjects', 'DeleteObjectVersion'],
  list: [
    ...['ListObjects', 'ListObjectsV2', 'ListObjectVersions', 'ListBuckets', 'ListBucket', 'HeadBucket'],
    ...['ListMultipartUploads', 'CreateBucket', 'DeleteBucket', 'GetBucketLocation', 'GetBucketVersioning'],
    ...['GetBucketPolicy', 'PutBucketPolicy'],
    ...['PutBucketLifecycleConfiguration'],
    ...[
      'PutBucketEncryption',
      'PutPublicAccessBlock',
      'GetPublicAccessBlock',
      'PutBucketCors',
      'GetBucketCors',
    ],
    ...[
      'GetCallerIdentity',
      'AssumeRole',
      'AssumeRoleWithWebIdentity',
      'GetSessionToken',
      'GetRoleCredentials',
    ],
  ],
}

const storeCalls: ReadonlySet<string> = new Set(Object.values(calls).flat())

/** Whether a call is one of S3, or of the service that gives its credentials. */
export function isStoreCall(call: string): boolean {
  return storeCalls.has(call) || /(?:Object|Bucket|Upload)/.test(call)
}

/** Each call in the spellings of SDKs and stacks: PutObject, PutObjectCommand, putObject, put_object. */
export function* callNames(): Generator<readonly [spelling: string, call: string, operation: Operation]> {
  for (const operation of ['upload', 'download', 'delete', 'list'] as const)
    for (const call of calls[operation]) {
      yield [call, call, operation]
      yield [`${call}Command`, call, operation]
      yield [`de_${call}CommandError`, call, operation]
      yield [`de_${call}Command`, call, operation]
      yield [call.charAt(0).toLowerCase() + call.slice(1), call, operation]
      yield [call.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase(), call, operation]
    }
}

/** What people and programs say of the same; methods of the registry among them. */
export const operationWords: Readonly<Record<Operation, readonly string[]>> = {
  upload: [
    ...[
      'savemodel',
      'uploadmodel',
      'upload failed',
      'failed to upload',
      'upload of',
      'uploading',
      'putmodel',
    ],
    ...[
      'putartifact',
      'upload aborted',
      'lib storage',
      'failed to copy',
      'the upload',
      'artifact upload',
      'upload_model',
      'save_model',
      'modelry save',
    ],
    ...[
      'upload error',
      'error uploading',
      'cannot upload',
      'could not upload',
      'upload_file',
      'upload_fileobj',
    ],
  ],
  download: [
    ...['loadmodel', 'downloadmodel', 'download failed', 'failed to download', 'downloading', 'load_model'],
    ...[
      'load_weights',
      'download_weights',
      'download_file',
      'download error',
      'error downloading',
      'could not download',
    ],
    ...[
      'modelry download',
      'modelry verify',
      'could not read weights',
      'getfilestatus',
      'reading the file',
      'download of',
      'the download',
    ],
  ],
  delete: [
    ...['deletemodel', 'deleteartifact', 'delete failed', 'failed to delete', 'deleting', 'modelry delete'],
    ...['delete_file', 'failed to remove', 'could not delete', 'error deleting'],
  ],
  list: ['listmodels', 'store check failed', 'failed to list', 'modelry list'],
  deploy: [
    ...[
      'deploymodel',
      'deployment failed',
      'failed to deploy',
      'the deployment of',
      'deploying',
      'modelry deploy',
    ],
    ...['rollbackdeployment', 'the rollback of', 'modelry rollback', 'deploy failed', 'deploy refused'],
  ],
  metadata: [],
}
