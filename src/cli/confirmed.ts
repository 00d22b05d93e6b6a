import { once } from 'node:events'
import { createInterface } from 'node:readline/promises'
import { Interruption } from './interruption.js'
import type { Session } from './session.js'

/**
 * Asks at the terminal that standard input is. The question goes to standard error, so that standard output holds the
 * answer alone. While it stands the terminal hands Ctrl-C to the prompt rather than to the process. An input that ends
 * is a no.
 */
export async function confirmed(session: Session, question: string): Promise<boolean> {
  const { stdin, stderr } = session.terminal
  const prompt = createInterface({ input: stdin, output: stderr })
  const typed = new AbortController()
  prompt.on('SIGINT', () => typed.abort(new Interruption('SIGINT')))
  const signal = AbortSignal.any([session.signal, typed.signal])
  const ended = once(prompt, 'close').then(() => '')
  try {
    const answer = await Promise.race([prompt.question(`${question} [y/N] `, { signal }), ended])
    return /^y(es)?$/i.test(answer.trim())
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof Error && error.name === 'AbortError') return false
    throw error
  } finally {
    prompt.close()
  }
}
