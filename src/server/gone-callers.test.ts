import { once } from 'node:events'
import { connect } from 'node:net'
import Fastify from 'fastify'
import { expect, it, onTestFinished } from 'vitest'
import { onGoneCaller } from './gone-callers.js'

/** A server that tells here of callers who went away, and answers when it is told to. */
async function slowServer() {
  const gone: string[] = []
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  const { promise: asked, resolve: isAsked } = Promise.withResolvers<void>()
  const app = Fastify({ forceCloseConnections: true })
  onGoneCaller(app, ({ method, url }) => void gone.push(`${method} ${url}`))
  const wait = async () => {
    isAsked()
    await released
  }
  app.addHook('onRequest', async ({ url }) => {
    if (url === '/guarded') await wait()
  })
  app.get('/guarded', async () => 'late')
  app.post('/slow', async () => {
    await wait()
    return 'late'
  })
  app.get('/quick', async () => 'quick')
  const { port } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }))
  onTestFinished(() => {
    release()
    return app.close()
  })
  const caller = connect(Number(port), '127.0.0.1')
  const ask = (line: string, body = '') =>
    caller.write(
      `${line} HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    )
  return { app, gone, asked, caller, ask }
}

it.each([
  ['in a hook', 'GET /guarded', ''],
  ['in its handler, with all of its body there', 'POST /slow', 'body'],
])('tells of a caller that goes away while its request is %s', async (_, line, body) => {
  const { gone, asked, caller, ask } = await slowServer()
  ask(line, body)
  await asked
  caller.destroy()
  await expect.poll(() => gone).toEqual([line])
})

it('tells nothing of a caller that goes away after its answer', async () => {
  const { app, gone, caller, ask } = await slowServer()
  const closed = once(app.server, 'connection').then(([socket]) => once(socket, 'close'))
  ask('GET /quick')
  await once(caller, 'data')
  caller.destroy()
  await closed
  expect(gone).toEqual([])
})
