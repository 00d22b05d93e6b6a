import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { HttpConnection, request } from '../support/http-client.ts'
import { type Program, startModelry, startPeer } from '../support/program.ts'
import type { Case, Cursors } from './cases.ts'
import type { DataSet } from './data-set.ts'
import { buildPeerDatabase } from './peer-database.ts'
import { seed } from './seed.ts'

/** A registry that holds a data set, served as it is shipped, and the peer that holds the same. */
export class Subject {
  readonly cursors: Cursors
  readonly #registry: Program
  readonly #peer: Program

  constructor(registry: Program, peer: Program, cursors: Cursors) {
    this.#registry = registry
    this.#peer = peer
    this.cursors = cursors
  }

  get registryUrl(): string {
    return this.#registry.url
  }

  get peerUrl(): string {
    return this.#peer.url
  }

  /** @throws Error when the peer answers a read with other records than the registry. */
  async requireSameAnswers({ name, registry, peer }: Case): Promise<void> {
    const [ours, theirs] = await Promise.all([
      HttpConnection.open(this.registryUrl),
      HttpConnection.open(this.peerUrl),
    ])
    try {
      for (const n of [0, 1, 17]) {
        const bodies: string[] = []
        await registry(async (text) => remember(bodies, await ours.ask(text)), n)
        await peer(async (text) => remember(bodies, await theirs.ask(text)), n)
        const [own = '', other = ''] = bodies.map(withoutCursor)
        if (own !== other)
          throw new Error(`${name}: the peer answers ${shortened(other)} instead of ${shortened(own)}`)
      }
    } finally {
      ours.close()
      theirs.close()
    }
  }

  async stop(): Promise<void> {
    await Promise.all([this.#registry.stop(), this.#peer.stop()])
  }
}

export async function openSubject(folder: string, set: DataSet): Promise<Subject> {
  const home = join(folder, 'registry')
  const peerFolder = join(folder, 'peer')
  mkdirSync(peerFolder, { recursive: true })
  await seed(home, set)
  const peerDatabase = join(peerFolder, 'peer.db')
  await buildPeerDatabase(peerDatabase, join(home, 'registry.db'))
  const registry = await startModelry(home)
  const peer = await startPeer(
    new URL('peer.ts', import.meta.url),
    [peerDatabase],
    join(peerFolder, 'peer.log'),
  )
  return new Subject(registry, peer, { pages: await readCursors(registry.url, set) })
}

/** Places all over the listing, newest first: `before` is the id that the peer's rows go on below. */
async function readCursors(url: string, set: DataSet): Promise<{ cursor: string; before: number }[]> {
  const versions = set.models * set.versionsEach + set.versionsOfLargest
  const step = Math.min(1000, Math.max(100, Math.floor(versions / 100)))
  const connection = await HttpConnection.open(url)
  try {
    const pages: { cursor: string; before: number }[] = []
    for (let before = versions + 1 - step; before > 100; before -= step) {
      const from = pages.length === 0 ? '' : `&cursor=${pages.at(-1)?.cursor}`
      const { body } = await connection.ask(request('GET', `/api/models?limit=${step}${from}`))
      const page: { nextCursor?: string } = JSON.parse(String(body))
      if (page.nextCursor === undefined)
        throw new Error(`the listing ended early: ${shortened(String(body))}`)
      pages.push({ cursor: page.nextCursor, before })
    }
    return pages
  } finally {
    connection.close()
  }
}

function remember<T extends { body: Buffer }>(bodies: string[], answer: T): T {
  bodies.push(String(answer.body))
  return answer
}

function shortened(text: string): string {
  return text.length > 1000 ? `${text.slice(0, 900)}… (${text.length})` : text
}

/** The peer pages by a number that the caller knows. */
function withoutCursor(body: string): string {
  return body.replace(/,"nextCursor":"[^"]+"\}$/, '}')
}
