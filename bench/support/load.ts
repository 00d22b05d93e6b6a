import { type Answer, HttpConnection } from './http-client.ts'

/** Sends one request and gives its answer, which must have a status that was expected. */
type Ask = (request: string, status: number) => Promise<Answer>

/** What is counted: one request, or several that depend on each other. @param n - counts up, so that each can differ. */
export type Work = (ask: Ask, n: number) => Promise<unknown>

/**
 * Keeps this process from sleeping until `work` is done: on a virtual machine the server would pay for waking it, up to
 * 30 µs with each answer and most where the server is slow.
 */
async function staysAwake(work: Promise<unknown>): Promise<void> {
  let awake = true
  const turn = () => {
    if (awake) setImmediate(turn)
  }
  turn()
  await work.finally(() => {
    awake = false
  })
}

/** Several connections to one server that do the same work at once. */
export class Load {
  readonly #connections: readonly HttpConnection[]
  readonly #work: Work
  #next = 0

  private constructor(connections: readonly HttpConnection[], work: Work) {
    this.#connections = connections
    this.#work = work
  }

  /** @param url - of the server. */
  static async open(url: string, connections: number, work: Work): Promise<Load> {
    const opened = await Promise.all(Array.from({ length: connections }, () => HttpConnection.open(url)))
    return new Load(opened, work)
  }

  /** Every connection begins its next piece of work when the one before it is done, for `ms`. @returns how many a second. */
  async run(ms: number): Promise<number> {
    const started = performance.now()
    const deadline = started + ms
    let done = 0
    const one = async (connection: HttpConnection) => {
      const ask: Ask = async (request, status) => {
        const answer = await connection.ask(request)
        if (answer.status !== status)
          throw new Error(`${answer.status} instead of ${status}: ${request}\n${answer.body}`)
        return answer
      }
      while (performance.now() < deadline) {
        await this.#work(ask, this.#next++)
        done += 1
      }
    }
    await staysAwake(Promise.all(this.#connections.map(one)))
    return (done / (performance.now() - started)) * 1000
  }

  close(): void {
    for (const connection of this.#connections) connection.close()
  }
}
