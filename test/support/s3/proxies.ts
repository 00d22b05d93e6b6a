import { onTestFinished } from 'vitest'
import { type HttpFaultProxy, startHttpFaultProxy } from './http-fault-proxy.js'
import type { S3Server } from './s3-server.js'
import { startTcpFaultProxy, type TcpFaultProxy } from './tcp-fault-proxy.js'

/** A proxy before a test server, gone when the test has finished. */
export async function tcpProxy({ endpoint }: Pick<S3Server, 'endpoint'>): Promise<TcpFaultProxy> {
  const proxy = await startTcpFaultProxy(endpoint)
  onTestFinished(() => proxy.close())
  return proxy
}

/** A proxy before a test server, gone when the test has finished. */
export async function httpProxy({ endpoint }: Pick<S3Server, 'endpoint'>): Promise<HttpFaultProxy> {
  const proxy = await startHttpFaultProxy(endpoint)
  onTestFinished(() => proxy.close())
  return proxy
}
