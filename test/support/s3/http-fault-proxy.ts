import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { portOf } from './free-ports.js'

/** A request as a rule sees it, before its body. */
export interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
}

/** What the proxy answers by itself. */
export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/**
 * What becomes of a request: `undefined` lets it pass. `answer` is sent instead of the server's, either without asking
 * the server, or, with `afterServer`, once the server has done what was asked. `lose` ends the connection without an
 * answer after the server has done it; `rewrite` changes the headers of its answer.
 */
export type Verdict =
  | undefined
  | { readonly answer: Answer; readonly afterServer?: true }
  | { readonly lose: true }
  | { readonly rewrite: (headers: Record<string, string | string[] | undefined>) => void }
  | { readonly delayMs: number }

export type Rule = (request: SeenRequest) => Verdict

export interface HttpFaultProxy {
  readonly endpoint: string
  /** Every request so far. */
  readonly seen: readonly SeenRequest[]
  /** Bytes of the bodies that came so far. */
  readonly bodyBytes: number
  /** The rule of the requests from here on, until the next call. */
  rule(rule: Rule): void
  close(): Promise<void>
}

/** A rule for the first `times` requests that `matches`. */
export function firstTimes(
  times: number,
  matches: (request: SeenRequest) => boolean,
  verdict: Verdict,
): Rule {
  let left = times
  return (request) => {
    if (left <= 0 || !matches(request)) return undefined
    left -= 1
    return verdict
  }
}

/** An answer in the form of S3's errors. */
export function s3Error(status: number, code: string, headers: Record<string, string> = {}): Answer {
  return {
    status,
    headers: { 'content-type': 'application/xml', ...headers },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${code} for a test.</Message><RequestId>proxy</RequestId></Error>`,
  }
}

/** A proxy in front of `target` that reads HTTP, and answers as stores and middle boxes do that are not like `target`. */
export async function startHttpFaultProxy(target: string): Promise<HttpFaultProxy> {
  const upstream = new URL(target)
  const seen: SeenRequest[] = []
  let rule: Rule = () => undefined
  let bodyBytes = 0

  const server = createServer((incoming, outgoing) => {
    const url = new URL(incoming.url ?? '/', target)
    const one: SeenRequest = {
      method: incoming.method ?? 'GET',
      path: decodeURIComponent(url.pathname),
      query: url.searchParams,
      headers: incoming.headers,
    }
    seen.push(one)
    incoming.on('data', (piece: Buffer) => {
      bodyBytes += piece.length
    })
    incoming.pause()
    const verdict = rule(one)
    if (verdict !== undefined && 'answer' in verdict && verdict.afterServer !== true) {
      incoming.resume()
      incoming.on('end', () => send(outgoing, one.method, verdict.answer))
      return
    }
    // The host is signed: the request goes on with the name that the client called.
    const forwarded = request(
      {
        host: upstream.hostname,
        port: upstream.port,
        method: one.method,
        path: incoming.url,
        headers: incoming.headers,
      },
      (answer) => deliver(answer, outgoing, one.method, verdict),
    )
    forwarded.on('error', () => outgoing.destroy())
    outgoing.on('close', () => {
      if (!outgoing.writableFinished) forwarded.destroy()
    })
    incoming.pipe(forwarded)
  })
  // Expect: 100-continue goes on to the server as any other header.
  server.on('checkContinue', (incoming, outgoing) => {
    outgoing.writeContinue()
    server.emit('request', incoming, outgoing)
  })
  server.keepAliveTimeout = 60_000

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    endpoint: `http://127.0.0.1:${portOf(server)}`,
    seen,
    get bodyBytes() {
      return bodyBytes
    },
    rule(next) {
      rule = next
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

function deliver(answer: IncomingMessage, outgoing: ServerResponse, method: string, verdict: Verdict): void {
  if (verdict !== undefined && 'lose' in verdict) {
    answer.resume()
    answer.on('end', () => outgoing.socket?.resetAndDestroy())
    return
  }
  if (verdict !== undefined && 'answer' in verdict) {
    answer.resume()
    answer.on('end', () => send(outgoing, method, verdict.answer))
    return
  }
  const headers = { ...answer.headers }
  if (verdict !== undefined && 'rewrite' in verdict) verdict.rewrite(headers)
  const pass = () => {
    outgoing.sendDate = false
    for (const [name, value] of Object.entries(headers)) if (value === undefined) delete headers[name]
    outgoing.writeHead(answer.statusCode ?? 502, headers)
    answer.on('error', () => outgoing.destroy())
    answer.pipe(outgoing)
  }
  if (verdict !== undefined && 'delayMs' in verdict) setTimeout(pass, verdict.delayMs)
  else pass()
}

function send(outgoing: ServerResponse, method: string, { status, headers = {}, body = '' }: Answer): void {
  outgoing.writeHead(status, { 'content-length': String(Buffer.byteLength(body)), ...headers })
  outgoing.end(method === 'HEAD' ? undefined : body)
}
