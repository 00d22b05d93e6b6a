import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const exec = promisify(execFile)

it('what users have written after the catalog works with the import paths of this package', async () => {
  const program = join(import.meta.dirname, 'as-written.ts')
  const { stdout, stderr } = await exec(process.execPath, [program], {
    env: { ...process.env, NODE_ENV: 'test' },
  })
  expect(stdout.trimEnd().split('\n')).toEqual([
    ...[
      'S3UploadError',
      'S3DownloadError',
      'S3DeleteError S3Error',
      'S3UnavailableError',
      'InvalidS3PathError',
    ],
    ...['ModelValidationError', 'DeploymentError', 'ConcurrentDeploymentError', 'DuplicateModelError'],
    ...['CircuitBreakerOpenError', 'DatabaseError', 'ModelNotFoundError'],
    ...['auto-fix with retry', 'graceful degradation', 'monitoring'],
  ])
  const line: unknown = JSON.parse(stderr.split('\n').find((each) => each.startsWith('{')) ?? '')
  expect(line).toMatchObject({
    msg: 'Model save failed',
    code: 'DUPLICATE_MODEL',
    environment: 'test',
    level: 'error',
  })
})
