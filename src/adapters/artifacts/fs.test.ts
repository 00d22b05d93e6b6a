import { temporaryFolder } from '../../../test/support/temporary-folder.js'
import { artifactStoreContract } from '../../ports/artifact-store.contract.js'
import { FsArtifactStore } from './fs.js'

artifactStoreContract('fs', async () => new FsArtifactStore({ root: await temporaryFolder() }))
artifactStoreContract(
  'fs without hard links',
  async () => new FsArtifactStore({ root: await temporaryFolder(), publishing: 'reservation' }),
)
