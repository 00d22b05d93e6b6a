import { createHash } from 'node:crypto'
import type { TransferRow } from '../domain/transfer-row.js'
import { sha256Of } from './digest.js'
import type { TransferCounts } from './export-place.js'

/** Counts rows as they pass, and hashes which versions there are. */
export function createTally() {
  const counts = {
    models: 0,
    versions: 0,
    files: 0,
    bytes: 0,
    aliases: 0,
    approvals: 0,
    deployments: 0,
    history: 0,
    tokens: 0,
  }
  const hash = createHash('sha256')
  return {
    add(row: TransferRow): void {
      switch (row.row) {
        case 'model':
          if (row.nextNumber !== null) counts.models++
          break
        case 'version':
          counts.versions++
          counts.files += row.files.length
          counts.bytes += row.size
          counts.aliases += row.aliases.length
          counts.approvals += row.approvals.length
          hash.update(`${row.modelId}@${row.version} ${row.digest}\n`)
          break
        case 'deployment':
          counts.deployments++
          break
        case 'history':
          counts.history++
          break
        case 'token':
          counts.tokens++
      }
    },
    counts: (): TransferCounts => ({ ...counts }),
    /** Called once, after the last row. */
    digest: () => sha256Of(hash.digest('hex')),
  }
}
