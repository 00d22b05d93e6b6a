import type { ScanFinding } from '../../registry/registry.js'
import type { CliCommand } from '../command.js'
import { table } from '../table.js'
import { count, size } from '../text.js'

export const scan: CliCommand = {
  examples: [{ what: 'Look for leftovers and missing files', run: 'modelry scan' }],
  configure() {},
  async run(session) {
    const findings: ScanFinding[] = []
    for await (const finding of (await session.registry()).scan()) {
      session.signal.throwIfAborted()
      findings.push(finding)
    }
    return {
      json: { items: findings },
      text: (paint, { width }) =>
        findings.length === 0
          ? `${paint.good('Clean')}: every stored object belongs to a version, and every file of a version is there.`
          : `${count(findings.length, 'finding')}\n\n${table(
              [
                { head: 'WHAT', cell: (finding) => finding.is },
                {
                  head: 'VERSION',
                  cell: ({ modelId, version }) => (modelId === undefined ? '' : `${modelId}@${version}`),
                  atLeast: 12,
                },
                {
                  head: 'SIZE',
                  cell: ({ bytes }) => (bytes === undefined ? '' : size(bytes)),
                  align: 'right',
                },
                {
                  head: 'LEASE',
                  cell: ({ expired }) => (expired === undefined ? '' : expired ? 'ended' : 'held'),
                },
                { head: 'ADDRESS', cell: ({ address }) => address ?? '', atLeast: 16 },
              ],
              findings,
              width,
            )}`,
    }
  },
}
