import { sql } from 'kysely'
import type { Deployment } from '../../domain/deployment.js'
import type { Environment } from '../../domain/environment.js'
import type { ModelId } from '../../domain/model-id.js'
import type { Version } from '../../domain/version.js'
import type {
  Activation,
  ActivationRequest,
  DeploymentLock,
  MetadataStore,
} from '../../ports/metadata-store.js'
import { approvers } from './approvals.js'
import { pageOf, readCursor } from './cursor.js'
import type { Session, SqlEngine } from './engine.js'
import { toIso } from './keep-record.js'
import { lockRows } from './lock-rows.js'
import { modelRows } from './model-rows.js'
import type { Parameters } from './prepared.js'
import { type RecordRow, recordColumns } from './record.js'
import type { Recorder } from './record-history.js'
import { recordMarks } from './record-marks.js'
import type { Schema } from './schema.js'

type Deployments = Pick<
  MetadataStore,
  'activate' | 'findActive' | 'findDeployment' | 'wasActive' | 'listDeployments'
>
type Row = Omit<Schema['deployments'], 'id'> & { id: number }
type Place = { modelId: ModelId; environment: Environment }

/** What is active where, and what was. */
export function deployments(engine: SqlEngine, record: Recorder): Deployments {
  const { queries } = engine
  const { now, moment = now } = queries.dialect
  const locks = lockRows(queries)
  const models = modelRows(queries)
  const approversOf = approvers(queries)
  const marks = recordMarks(queries)

  // An update, so that a database with row locks lets nobody take the lock over before this transaction ends.
  const useLock = queries.prepare((db, p: Parameters<DeploymentLock>) =>
    db
      .updateTable('deployment_locks')
      .set({ lock_id: p.lockId })
      .where('model_id', '=', p.modelId)
      .where('environment', '=', p.environment)
      .where('lock_id', '=', p.lockId)
      .where('expires_at', '>', now),
  )
  const named = queries.prepare(
    (_, p: Parameters<{ modelId: ModelId; version: Version }>) =>
      sql<
        RecordRow & { archived_at: number | null }
      >`select ${recordColumns}, v.archived_at from trained_models v
        where v.model_id = ${p.modelId} and v.version = ${p.version} and v.state = 'ready' ${queries.dialect.lockRow}`,
  )
  const recordOf = queries.prepare(
    (_, p: Parameters<{ id: number }>) =>
      sql<RecordRow>`select ${recordColumns} from trained_models v where v.id = ${p.id} ${queries.dialect.lockRow}`,
  )
  const active = queries.prepare((db, p: Parameters<Place>) =>
    db
      .selectFrom('deployments')
      .selectAll()
      .where('model_id', '=', p.modelId)
      .where('environment', '=', p.environment)
      .where('status', '=', sql.lit('active')),
  )
  // The time is asked for here, with the locks in hand: deployments that waited for each other get theirs in their order.
  const next = queries.prepare((db, p: Parameters<Place>) =>
    db.selectNoFrom((eb) => [
      eb.fn
        .coalesce(
          eb
            .selectFrom('deployments')
            .select('fence')
            .where('model_id', '=', p.modelId)
            .where('environment', '=', p.environment)
            .orderBy('fence', 'desc')
            .limit(sql.lit(1)),
          sql<number>`0`,
        )
        .as('fence'),
      moment.as('at'),
    ]),
  )
  const supersede = queries.prepare((db, p: Parameters<{ id: number; at: number }>) =>
    db
      .updateTable('deployments')
      .set({ status: sql.lit('superseded'), superseded_at: p.at })
      .where('id', '=', p.id),
  )
  const insert = queries.prepare((db, p: Parameters<Omit<Row, 'id' | 'status' | 'superseded_at'>>) =>
    db
      .insertInto('deployments')
      .values({
        model_id: p.model_id,
        version: p.version,
        version_id: p.version_id,
        environment: p.environment,
        status: sql.lit('active'),
        fence: p.fence,
        previous_id: p.previous_id,
        previous_version: p.previous_version,
        rollback_of: p.rollback_of,
        restores: p.restores,
        deployed_at: p.deployed_at,
        deployed_by: p.deployed_by,
        approved_by: p.approved_by,
      })
      .returningAll(),
  )
  const byId = queries.prepare((db, p: Parameters<{ id: number }>) =>
    db.selectFrom('deployments').selectAll().where('id', '=', p.id),
  )
  const everActive = queries.prepare(
    (_, p: Parameters<{ modelId: ModelId; version: Version; environment: string }>) =>
      sql<{ one: number }>`select 1 as one from trained_models v join deployments d on d.version_id = v.id
        where v.model_id = ${p.modelId} and v.version = ${p.version} and d.environment = ${p.environment} limit 1`,
  )
  const listAll = queries.prepare((db, p: Parameters<{ before: number; limit: number }>) =>
    db.selectFrom('deployments').selectAll().where('id', '<', p.before).orderBy('id', 'desc').limit(p.limit),
  )
  const listOfModel = queries.prepare(
    (db, p: Parameters<{ modelId: ModelId; before: number; limit: number }>) =>
      db
        .selectFrom('deployments')
        .selectAll()
        .where('model_id', '=', p.modelId)
        .where('id', '<', p.before)
        .orderBy('id', 'desc')
        .limit(p.limit),
  )
  const listOfEnvironment = queries.prepare(
    (db, p: Parameters<{ environment: Environment; before: number; limit: number }>) =>
      db
        .selectFrom('deployments')
        .selectAll()
        .where('environment', '=', p.environment)
        .where('id', '<', p.before)
        .orderBy('id', 'desc')
        .limit(p.limit),
  )
  // Within one place fences grow as ids do, and theirs is the index.
  const listOfPlace = queries.prepare((db, p: Parameters<Place & { before: number; limit: number }>) =>
    db
      .selectFrom('deployments')
      .selectAll()
      .where('model_id', '=', p.modelId)
      .where('environment', '=', p.environment)
      .where('fence', '<', p.before)
      .orderBy('fence', 'desc')
      .limit(p.limit),
  )

  async function takeAndActivate(session: Session, request: ActivationRequest): Promise<Activation> {
    const { lock } = request
    if (!('leaseMs' in lock)) return withLock(session, request)
    // Where one transaction writes at a time, it needs no row to keep others out until it ends.
    if (queries.dialect.writers === 'one' && !(await locks.isTaken(session, lock)))
      return activate(session, request)
    const answer = await locks.take(session, lock)
    if (answer.is === 'held') return answer
    const activation = await withLock(session, request)
    await locks.release(session, lock)
    return activation
  }

  async function withLock(session: Session, request: ActivationRequest): Promise<Activation> {
    const { modelId, environment, lockId } = request.lock
    if ((await session.run(useLock, { modelId, environment, lockId })) === 0) return { is: 'lease-lost' }
    return activate(session, request)
  }

  /** With the place in hand. */
  async function activate(session: Session, request: ActivationRequest): Promise<Activation> {
    const { version, expectedActive, rollback, actor, approvals = 0 } = request
    const { modelId, environment } = request.lock
    await models.hold(session, { modelId })
    const target = await session.first(named, { modelId, version })
    if (target === undefined) return { is: 'not-deployable', why: 'missing' }
    if (target.archived_at !== null) return { is: 'not-deployable', why: 'archived' }
    if (rollback !== undefined) {
      const restored = await session.first(byId, { id: toId(rollback.restores) })
      if (restored?.version_id !== target.id) return { is: 'not-deployable', why: 'missing' }
    }
    const current = await session.first(active, { modelId, environment })
    if (expectedActive !== undefined && (current?.version ?? null) !== expectedActive)
      return { is: 'unexpected-active', active: current?.version ?? null }
    if (current?.version_id === target.id) return { is: 'unchanged', deployment: toDeployment(current) }

    const approvedBy =
      approvals === 0
        ? []
        : (await approversOf(session, { id: target.id, environment })).filter((name) => name !== actor)
    if (approvedBy.length < approvals) return { is: 'not-approved', approvedBy }

    const last = await session.first(next, { modelId, environment })
    if (last === undefined) throw new TypeError('a query without a table gave no row')
    // A clock that was set back does not let a deployment end before it began.
    const at = Math.max(last.at, current?.deployed_at ?? 0)
    if (current !== undefined) await session.run(supersede, { id: current.id, at })
    const row = await session.first(insert, {
      model_id: modelId,
      version,
      version_id: target.id,
      environment,
      fence: last.fence + 1,
      previous_id: current?.id ?? null,
      previous_version: current?.version ?? null,
      rollback_of: rollback === undefined ? null : toId(rollback.of),
      restores: rollback === undefined ? null : toId(rollback.restores),
      deployed_at: at,
      deployed_by: actor,
      approved_by: approvedBy.length === 0 ? null : JSON.stringify(approvedBy),
    })
    if (row === undefined) throw new TypeError('an insert gave no row')
    if (current !== undefined && current.version_id !== null) {
      const before = await session.first(recordOf, { id: current.version_id })
      if (before !== undefined) await marks.remove(session, before, { environments: environment })
    }
    await marks.add(session, target, { environments: environment })
    const deployment = toDeployment(row)
    await record(session, {
      actor,
      action: rollback === undefined ? 'deployed' : 'rolled-back',
      modelId,
      version,
      environment,
      details: {
        deploymentId: deployment.id,
        fence: deployment.fence,
        previousVersion: deployment.previousVersion ?? null,
        ...(approvedBy.length === 0 ? {} : { approvedBy }),
        ...(rollback === undefined ? {} : { rollbackOf: rollback.of, restores: rollback.restores }),
      },
    })
    return { is: 'activated', deployment }
  }

  function pageOfRows(
    session: Session,
    { modelId, environment }: Partial<{ modelId: ModelId | undefined; environment: Environment | undefined }>,
    before: number,
    limit: number,
  ) {
    if (modelId !== undefined && environment !== undefined)
      return session.all(listOfPlace, { modelId, environment, before, limit })
    if (modelId !== undefined) return session.all(listOfModel, { modelId, before, limit })
    if (environment !== undefined) return session.all(listOfEnvironment, { environment, before, limit })
    return session.all(listAll, { before, limit })
  }

  return {
    activate: (request) => engine.write('activate', (session) => takeAndActivate(session, request)),

    findActive: (modelId, environment) =>
      engine.read('findActive', async (session) => {
        const row = await session.first(active, { modelId, environment })
        return row === undefined ? undefined : toDeployment(row)
      }),

    findDeployment: (id) =>
      engine.read('findDeployment', async (session) => {
        const row = isId(id) ? await session.first(byId, { id: Number(id) }) : undefined
        return row === undefined ? undefined : toDeployment(row)
      }),

    wasActive: (modelId, version, environment) =>
      engine.read(
        'wasActive',
        async (session) => (await session.first(everActive, { modelId, version, environment })) !== undefined,
      ),

    listDeployments: ({ limit, cursor, modelId, environment }) =>
      engine.read('listDeployments', async (session) => {
        const listing = ['deployments', modelId, environment]
        const [before] = readCursor(cursor, listing, [Number.MAX_SAFE_INTEGER] as const)
        const rows = await pageOfRows(session, { modelId, environment }, before, limit + 1)
        const ofPlace = modelId !== undefined && environment !== undefined
        return pageOf(rows, limit, listing, (row) => [ofPlace ? row.fence : row.id], toDeployment)
      }),
  }
}

function toDeployment(row: Row): Deployment {
  const deployment: Deployment = {
    id: String(row.id),
    modelId: row.model_id,
    version: row.version,
    environment: row.environment,
    status: row.status,
    fence: row.fence,
    deployedAt: toIso(row.deployed_at),
    deployedBy: row.deployed_by,
  }
  if (row.previous_id !== null) deployment.previousId = String(row.previous_id)
  if (row.previous_version !== null) deployment.previousVersion = row.previous_version
  if (row.rollback_of !== null) deployment.rollbackOf = String(row.rollback_of)
  if (row.restores !== null) deployment.restores = String(row.restores)
  if (row.approved_by !== null) deployment.approvedBy = JSON.parse(row.approved_by)
  if (row.superseded_at !== null) deployment.supersededAt = toIso(row.superseded_at)
  return deployment
}

function isId(text: string): boolean {
  return /^[1-9]\d{0,14}$/.test(text)
}

function toId(text: string): number {
  if (!isId(text)) throw new TypeError(`${JSON.stringify(text)} is not the id of a deployment`)
  return Number(text)
}
