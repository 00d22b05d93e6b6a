import { type IncomingHttpHeaders, type RequestOptions, request } from 'node:http'
import { text } from 'node:stream/consumers'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** The body as JSON; fails the test when it is none. */
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever came
  readonly json: () => any
}

export interface Sent {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string | number>>
  readonly body?: string | Uint8Array | undefined
  readonly json?: unknown
  readonly token?: string
}

/** Sends a request with its path exactly as it stands: `fetch` would tidy up dot segments and encodings. */
export async function send(url: string, path: string, sent: Sent = {}): Promise<Answer> {
  const { hostname, port } = new URL(url)
  const body = sent.json === undefined ? sent.body : JSON.stringify(sent.json)
  const options: RequestOptions = {
    host: hostname.replace(/^\[|\]$/g, ''),
    port,
    path,
    method: sent.method ?? 'GET',
    headers: {
      ...(sent.json === undefined ? {} : { 'content-type': 'application/json' }),
      ...(sent.token === undefined ? {} : { authorization: `Bearer ${sent.token}` }),
      ...(body === undefined || sent.headers?.['transfer-encoding'] !== undefined
        ? {}
        : { 'content-length': Buffer.byteLength(body) }),
      ...sent.headers,
    },
    agent: false,
  }
  return new Promise((resolve, reject) => {
    const outgoing = request(options, (incoming) => {
      text(incoming).then((content) => {
        const { statusCode = 0, headers } = incoming
        resolve({ status: statusCode, headers, body: content, json: () => JSON.parse(content) })
      }, reject)
    })
    outgoing.once('error', reject)
    outgoing.end(body)
  })
}
