// The least that could do the work: a bare Fastify route over one prepared statement of node:sqlite. It checks nothing,
// keeps no history and answers reads with JSON that lies ready in a column. Writes are as durable as the registry's.
import { createWriteStream } from 'node:fs'
import { mkdir, open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pipeline } from 'node:stream/promises'
import Fastify from 'fastify'

interface Names {
  modelId: string
  version: string
  alias: string
  saveId: string
  environment: string
}

const [file = ''] = process.argv.slice(2)
const database = new DatabaseSync(file)
database.exec('pragma journal_mode = wal; pragma synchronous = full')
const app = Fastify()
const JSON_TYPE = 'application/json; charset=utf-8'

const get = database.prepare('select body from versions where model_id = ? and version = ?')
app.get<{ Params: Names }>('/models/:modelId/versions/:version', (request, reply) =>
  reply.type(JSON_TYPE).send(get.get(request.params.modelId, request.params.version)?.body),
)

const byAlias = database.prepare(
  `select v.body from aliases a join versions v on v.model_id = a.model_id and v.version = a.version
    where a.model_id = ? and a.alias = ?`,
)
app.get<{ Params: Names }>('/models/:modelId/aliases/:alias', (request, reply) =>
  reply.type(JSON_TYPE).send(byAlias.get(request.params.modelId, request.params.alias)?.body),
)

const list = database.prepare('select body from versions where id < ? order by id desc limit ?')
app.get<{ Querystring: { before: string; limit: string } }>('/models', (request, reply) => {
  const { before, limit } = request.query
  return reply.type(JSON_TYPE).send(page(list.all(Number(before), Number(limit))))
})

const byTag = database.prepare(
  `select v.body from tags t cross join versions v on v.id = t.id where t.tag = ? order by t.id desc limit ?`,
)
app.get<{ Querystring: { tag: string; limit: string } }>('/tags', (request, reply) =>
  reply.type(JSON_TYPE).send(page(byTag.all(request.query.tag, Number(request.query.limit)))),
)

const ofModel = database.prepare('select body from versions where model_id = ? order by number desc limit ?')
app.get<{ Params: Names; Querystring: { limit: string } }>('/models/:modelId/versions', (request, reply) =>
  reply.type(JSON_TYPE).send(page(ofModel.all(request.params.modelId, Number(request.query.limit)))),
)

const create = database.prepare('insert into versions (model_id, version, body) values (?, ?, ?)')
app.post<{ Body: { metadata: Names } }>('/models', (request, reply) => {
  const { metadata } = request.body
  const body = JSON.stringify(metadata)
  create.run(metadata.modelId, metadata.version, body)
  return reply.code(201).type(JSON_TYPE).send(body)
})

const setAlias = database.prepare(
  `insert into aliases (model_id, alias, version) values (?, ?, ?)
    on conflict (model_id, alias) do update set version = excluded.version`,
)
app.put<{ Params: Names; Body: Names }>('/models/:modelId/aliases/:alias', (request) => {
  const { modelId, alias } = request.params
  setAlias.run(modelId, alias, request.body.version)
  return { modelId, alias, version: request.body.version }
})

const deploy = database.prepare('insert into deployments (model_id, version, environment) values (?, ?, ?)')
app.post<{ Params: Names; Body: Names }>('/models/:modelId/deployments', (request, reply) => {
  const { modelId } = request.params
  const { version, environment } = request.body
  const { lastInsertRowid } = deploy.run(modelId, version, environment)
  return reply.code(201).send({ id: Number(lastInsertRowid), modelId, version, environment })
})

// A version with its bytes, in the same three steps.
app.post<{ Body: { metadata: Names } }>('/saves', (request, reply) => {
  const { metadata } = request.body
  const made = create.run(metadata.modelId, metadata.version, JSON.stringify(metadata))
  return reply.code(201).send({ saveId: String(made.lastInsertRowid) })
})

app.addContentTypeParser('application/octet-stream', (_request, _payload, done) => done(null))
app.put<{ Params: Names }>('/saves/:saveId/files/weights.bin', async (request, reply) => {
  const path = join(dirname(file), 'objects', request.params.saveId, 'weights.bin')
  await mkdir(dirname(path), { recursive: true })
  await pipeline(request.raw, createWriteStream(path, { flags: 'wx', flush: true }))
  for (const folder of [dirname(path), dirname(dirname(path))]) {
    await using handle = await open(folder)
    await handle.sync()
  }
  return reply.code(201).send({ path: 'weights.bin' })
})

const publish = database.prepare('update versions set number = 1 where id = ? returning body')
app.post<{ Params: Names }>('/saves/:saveId/publish', (request, reply) => {
  return reply
    .code(201)
    .type(JSON_TYPE)
    .send(publish.get(Number(request.params.saveId))?.body)
})

function page(rows: readonly Record<string, unknown>[]): string {
  return `{"items":[${rows.map(({ body }) => body).join(',')}]}`
}

const url = await app.listen({ host: '127.0.0.1', port: 0 })
console.log(JSON.stringify({ url }))
process.once('SIGTERM', () => process.exit())
