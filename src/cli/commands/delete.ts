import { once } from 'node:events'
import { createInterface } from 'node:readline/promises'
import type { CliCommand } from '../command.js'
import { refuseAlias } from '../found.js'
import { Interruption } from '../interruption.js'
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
    await refuseAlias(session, id, version, 'delete')
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

/**
 * The question goes to standard error, so that standard output holds the answer alone. While it stands the terminal
 * hands Ctrl-C to the prompt rather than to the process. An input that ends is a no.
 */
async function confirmed(session: Session, name: string): Promise<boolean> {
  const { stdin, stderr } = session.terminal
  if (!stdin.isTTY) throw new UsageError(`Deleting cannot be undone. Add --yes to delete ${name}.`)
  const prompt = createInterface({ input: stdin, output: stderr })
  const typed = new AbortController()
  prompt.on('SIGINT', () => typed.abort(new Interruption('SIGINT')))
  const signal = AbortSignal.any([session.signal, typed.signal])
  const ended = once(prompt, 'close').then(() => '')
  try {
    const question = prompt.question(`Delete ${name} and its files for good? [y/N] `, { signal })
    const answer = await Promise.race([question, ended])
    return /^y(es)?$/i.test(answer.trim())
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof Error && error.name === 'AbortError') return false
    throw error
  } finally {
    prompt.close()
  }
}
