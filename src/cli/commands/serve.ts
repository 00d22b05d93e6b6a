import { once } from 'node:events'
import { type StoreConfig, shownDb, storeAddress } from '../../config.js'
import type { CliCommand } from '../command.js'
import { paintFor } from '../paint.js'
import { write } from '../terminal.js'

export const serve: CliCommand = {
  examples: [
    { what: 'Serve this machine on http://127.0.0.1:7878', run: 'modelry serve' },
    { what: 'Take any port that is free', run: 'modelry serve --port 0' },
    {
      what: 'Serve others too, after modelry token create has made a token',
      run: 'modelry serve --host 0.0.0.0 --port 8080',
    },
  ],
  configure(command) {
    command
      .option('--host <address>', 'address to listen on (default 127.0.0.1: this machine only)')
      .option('--port <number>', 'port to listen on; 0 takes any that is free (default 7878)')
      .option('--insecure', 'listen beyond this machine although there is no token')
  },
  async run(session, _args, options) {
    const { config } = await session.config({
      'server.host': options.text('host'),
      'server.port': options.text('port'),
      'server.insecure': options.is('insecure') ? true : undefined,
    })
    const engine = await session.engine('serve')
    const { createServer } = await import('../../server/create-server.js')
    const { settleMemory } = await import('../../domain/sweep.js')
    const { stdout, env, signal } = session.terminal
    const server = await createServer(engine, { ...config.server, adminToken: env.ADMIN_TOKEN || undefined })
    try {
      const { url } = await server.listen()
      const { home, store, db } = config
      const ready = session.options.json
        ? JSON.stringify(
            { url, home, store: placeOf(store), db: db.is === 'sqlite' ? db.path : shownDb(db) },
            null,
            2,
          )
        : `modelry serves ${home} at ${paintFor(stdout, env, session.options).strong(url)} (press Ctrl-C to stop)`
      await write(stdout, `${ready}\n`)
      settleMemory()
      engine.syncInBackground()
      if (!signal.aborted) await once(signal, 'abort')
    } finally {
      await server.close()
    }
    return undefined
  },
}

function placeOf(store: StoreConfig): string {
  return store.is === 'file' ? store.root : storeAddress(store)
}
