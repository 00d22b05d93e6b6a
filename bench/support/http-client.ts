import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export interface Answer {
  readonly status: number
  readonly body: Buffer
}

/**
 * One keep-alive connection that sends requests and reads answers with a Content-Length, and does no more: the general
 * clients of Node take longer for a request than a fast server for its answer, and would be what is measured.
 */
export class HttpConnection {
  readonly #socket: Socket
  #pieces: Buffer[] = []
  #bytes = 0
  /** Bytes of head and body together; undefined until the head is complete. */
  #needed: number | undefined
  #bodyAt = 0
  #status = 0
  #resolve: (answer: Answer) => void = () => {}
  #reject: (error: Error) => void = () => {}

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (piece) => this.#take(Buffer.from(piece.buffer, piece.byteOffset, piece.length)))
    socket.on('error', (error) => this.#reject(error))
    socket.on('close', () => this.#reject(new Error('the server closed the connection')))
  }

  static async open(url: string): Promise<HttpConnection> {
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname)
    await once(socket, 'connect')
    return new HttpConnection(socket)
  }

  /** @param request - head and body as they go over the wire. */
  ask(request: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
      this.#socket.write(request)
    })
  }

  close(): void {
    this.#reject = () => {}
    this.#socket.destroy()
  }

  #take(piece: Buffer): void {
    this.#pieces.push(piece)
    this.#bytes += piece.length
    if (this.#needed === undefined && !this.#readHead()) return
    if (this.#needed === undefined || this.#bytes < this.#needed) return
    const whole = this.#whole()
    const answer = { status: this.#status, body: whole.subarray(this.#bodyAt) }
    this.#pieces = []
    this.#bytes = 0
    this.#needed = undefined
    this.#resolve(answer)
  }

  #readHead(): boolean {
    const whole = this.#whole()
    const end = whole.indexOf('\r\n\r\n')
    if (end < 0) return false
    const head = whole.toString('latin1', 0, end)
    const [, status] = /^HTTP\/1\.1 (\d{3})/.exec(head) ?? []
    const [, length] = /\r\ncontent-length: *(\d+)/i.exec(head) ?? []
    this.#status = Number(status)
    if (length === undefined && this.#status !== 204 && this.#status !== 304)
      this.#reject(new Error(`an answer without a Content-Length:\n${head}`))
    this.#bodyAt = end + 4
    this.#needed = this.#bodyAt + Number(length ?? 0)
    return true
  }

  #whole(): Buffer {
    const [first] = this.#pieces
    if (this.#pieces.length === 1 && first !== undefined) return first
    const whole = Buffer.concat(this.#pieces)
    this.#pieces = [whole]
    return whole
  }
}

/** A request as it goes over the wire. @param body - JSON, or anything with its own Content-Type among the headers. */
export function request(
  method: string,
  path: string,
  body?: string,
  type: string = 'application/json',
): string {
  const head = `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n`
  if (body === undefined) return `${head}\r\n`
  return `${head}Content-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}
