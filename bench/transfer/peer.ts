// What is left when all that a registry does is taken away: node:http streams a body to a file and hashes it, and sends
// a file and hashes it. Uploads are as durable as the registry's: file and folder are synced before the answer.
import { createHash, type Hash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { open, rename, stat, unlink } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'

const [folder = ''] = process.argv.slice(2)

const server = createServer((request, response) => {
  const path = join(folder, basename(request.url ?? ''))
  const answers = { PUT: take, GET: give, DELETE: drop }
  const answer = answers[request.method as keyof typeof answers]
  answer(path, request, response).catch((error: unknown) => {
    console.error(error)
    response.destroy()
  })
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  console.log(JSON.stringify({ url: `http://127.0.0.1:${port}` }))
})
process.once('SIGTERM', () => {
  server.close()
  server.closeAllConnections()
})

async function take(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const hash = createHash('sha256')
  const incoming = `${path}.incoming`
  await pipeline(request, hashing(hash), createWriteStream(incoming, { flush: true }))
  await rename(incoming, path)
  await syncFolder()
  answerJson(response, 201, { sha256: hash.digest('hex') })
}

async function give(path: string, _request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { size } = await stat(path)
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': size })
  await pipeline(createReadStream(path), hashing(createHash('sha256')), response)
}

async function drop(path: string, _request: IncomingMessage, response: ServerResponse): Promise<void> {
  await unlink(path)
  answerJson(response, 200, {})
}

function hashing(hash: Hash) {
  return async function* (pieces: AsyncIterable<Buffer>) {
    for await (const piece of pieces) {
      hash.update(piece)
      yield piece
    }
  }
}

async function syncFolder(): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function answerJson(response: ServerResponse, status: number, value: unknown): void {
  const body = JSON.stringify(value)
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length })
  response.end(body)
}
