import { defineGuide } from '../entry.js'

export const guide = defineGuide({
  prevention: [
    'Keep the address, the region and the endpoint of the store in one place, and let the start-up check of the registry run where it will serve.',
    'Use credentials that renew themselves (a role of the instance or of the pod) rather than keys in a file.',
  ],
  example: `import { type Registry, S3Error } from 'modelry'

/** Whether the artifact store answers; says why where it does not. */
export async function storeAnswers(registry: Registry) {
  try {
    for await (const finding of registry.scan()) console.log(finding.is, finding.address ?? '')
    return true
  } catch (error) {
    if (!(error instanceof S3Error)) throw error
    console.error(error.reason.title, error.steps)
    return false
  }
}
`,
  relatedDocs: [
    {
      title: 'Amazon S3: error responses',
      url: 'https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html',
    },
    {
      title: 'AWS SDK for JavaScript: credentials in Node.js',
      url: 'https://docs.aws.amazon.com/sdk-for-javascript/v3/developer-guide/setting-credentials-node.html',
    },
  ],
})
