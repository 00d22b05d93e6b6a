import { artifactStoreContract } from '../../src/ports/artifact-store.contract.js'
import { describeEachServer } from '../support/s3/each-server.js'
import { openStore } from '../support/s3/open-store.js'
import { CONTRACT_BUCKETS } from '../support/s3/s3-server.js'

describeEachServer('S3ArtifactStore', (server) => {
  artifactStoreContract(
    's3',
    async () => openStore(server, { bucket: CONTRACT_BUCKETS.plain }),
    CONTRACT_BUCKETS.plain,
  )
})
