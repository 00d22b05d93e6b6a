import { createHash, type Hash } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

const PIECE = Buffer.alloc(1024 * 1024, 'weights ')

/** SHA-256, in hexadecimal, of what `upload` sends. */
export function sha256Of(bytes: number): string {
  const hash = createHash('sha256')
  for (let left = bytes; left > 0; left -= PIECE.length) hash.update(pieceOf(left))
  return hash.digest('hex')
}

/** Sends `bytes` bytes as the body of a PUT. @returns the body of the answer, which must be a 201. */
export async function upload(url: string, bytes: number): Promise<string> {
  const socket = await open(url)
  const answered = readAll(socket)
  socket.write(head('PUT', url, `Content-Type: application/octet-stream\r\nContent-Length: ${bytes}\r\n`))
  for (let left = bytes; left > 0; left -= PIECE.length)
    // Whoever answers may close at once, and what is closed drains no more.
    if (!socket.write(pieceOf(left))) await Promise.race([once(socket, 'drain'), answered])
  const answer = await answered
  if (!answer.startsWith('HTTP/1.1 201')) throw new Error(`PUT ${url} was answered with\n${answer}`)
  return answer.slice(answer.indexOf('\r\n\r\n') + 4)
}

/**
 * Reads the body of a GET and throws it away, so that it is the server that is measured. All of it must come.
 *
 * @param hash - takes the body in, where what came is to be looked at.
 */
export async function download(url: string, bytes: number, hash?: Hash): Promise<void> {
  const socket = await open(url)
  socket.write(head('GET', url, ''))
  let received = 0
  let headText: string | undefined = ''
  for await (const piece of socket) {
    let body: Buffer = piece
    if (headText !== undefined) {
      headText += piece.toString('latin1')
      const end = headText.indexOf('\r\n\r\n')
      if (end < 0) continue
      if (!headText.startsWith('HTTP/1.1 200')) throw new Error(`GET ${url} was answered with\n${headText}`)
      body = piece.subarray(piece.length - (headText.length - end - 4))
      headText = undefined
    }
    received += body.length
    hash?.update(body)
  }
  if (received !== bytes) throw new Error(`GET ${url} gave ${received} bytes of ${bytes}`)
}

async function open(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  return socket
}

function head(method: string, url: string, headers: string): string {
  const { pathname, host } = new URL(url)
  return `${method} ${pathname} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${headers}\r\n`
}

async function readAll(socket: Socket): Promise<string> {
  let text = ''
  for await (const piece of socket) text += piece
  return text
}

function pieceOf(left: number): Buffer {
  return left < PIECE.length ? PIECE.subarray(0, left) : PIECE
}
