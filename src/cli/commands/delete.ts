import { createInterface } from 'node:readline/promises'
import type { CliCommand } from '../command.js'
import { exactRef } from '../options.js'
import type { Session } from '../session.js'
import { UsageError } from '../usage-error.js'

export const deleteCommand: CliCommand = {
  examples: [{ what: 'Remove a version without being asked', run: 'modelry delete btc-lstm@0.9.0 --yes' }],
  configure(command) {
    command
      .argument('<model@version>', 'the version; it must not be active anywhere')
      .option('-y, --yes', 'do not ask; needed where nobody can answer')
  },
  async run(session, [ref = ''], options) {
    const { id, version } = exactRef(ref, 'delete')
    const name = `${id}@${version}`
    if (!options.is('yes') && !(await confirmed(session, name)))
      return { json: { modelId: id, version, deleted: false }, text: () => 'Nothing was deleted.' }
    await (await session.registry()).deleteModel(id, version)
    return {
      json: { modelId: id, version, deleted: true },
      text: (paint) =>
        `${paint.good('Deleted')} ${paint.strong(name)} and the files that were written for it.`,
    }
  },
}

/** The question goes to standard error, so that standard output holds the answer alone. */
async function confirmed(session: Session, name: string): Promise<boolean> {
  const { stdin, stderr } = session.terminal
  if (!stdin.isTTY) throw new UsageError(`Deleting cannot be undone. Add --yes to delete ${name}.`)
  const prompt = createInterface({ input: stdin, output: stderr })
  try {
    const answer = await prompt.question(`Delete ${name} and its files for good? [y/N] `, {
      signal: session.signal,
    })
    return /^y(es)?$/i.test(answer.trim())
  } finally {
    prompt.close()
  }
}
