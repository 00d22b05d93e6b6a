import type { ModelRecord } from '../domain/model-record.js'
import type { Column } from './table.js'
import { size, time } from './text.js'

/** `60 × 5`, as a tensor's shape is read aloud. */
export function shape(dimensions: readonly number[]): string {
  return dimensions.join(' × ')
}

export function refOf({ modelId, version }: Pick<ModelRecord, 'modelId' | 'version'>): string {
  return `${modelId}@${version}`
}

/** `accuracy 0.93, mae 0.12` */
export function metricsOf({ accuracy, metrics }: Pick<ModelRecord, 'accuracy' | 'metrics'>): string {
  const all = { ...(accuracy === undefined ? {} : { accuracy }), ...metrics }
  return Object.entries(all)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')
}

export function tagsOf({ tags }: Pick<ModelRecord, 'tags'>): string {
  return Object.entries(tags)
    .map(([name, value]) => (value === '' ? name : `${name}=${value}`))
    .join(', ')
}

/** Where it is active, or that it is archived; and whether the store has its files yet. */
export function statusOf({ deploymentStatus, environments, storage }: ModelRecord): string {
  const status = deploymentStatus === 'active' ? `active: ${environments.join(', ')}` : deploymentStatus
  return storage === undefined ? status : `${status}, ${storage}`
}

/** Who has approved it for the environment. */
export function approvalsOf({ approvals = [] }: ModelRecord, environment: string): string[] {
  return approvals.filter((one) => one.environment === environment).map(({ approvedBy }) => approvedBy)
}

/** `production: ann, bob; staging: ann` */
export function approvedFor(record: ModelRecord): string {
  const environments = new Set((record.approvals ?? []).map(({ environment }) => environment))
  return [...environments].map((one) => `${one}: ${approvalsOf(record, one).join(', ')}`).join('; ')
}

/** The columns of a list of versions; the name of the model may be left out. */
export function versionColumns(of: 'all models' | 'one model'): Column<ModelRecord>[] {
  const model: Column<ModelRecord> = { head: 'MODEL', cell: ({ modelId }) => modelId, atLeast: 12 }
  return [
    ...(of === 'all models' ? [model] : []),
    { head: 'VERSION', cell: ({ version }) => version, atLeast: 12 },
    { head: 'ALIASES', cell: ({ aliases }) => aliases.join(', '), atLeast: 8 },
    { head: 'TYPE', cell: ({ modelType }) => modelType },
    { head: 'ACCURACY', cell: ({ accuracy }) => accuracy?.toString() ?? '', align: 'right' },
    { head: 'SIZE', cell: (record) => size(record.size), align: 'right' },
    { head: 'STATUS', cell: statusOf, atLeast: 8 },
    { head: 'SAVED', cell: ({ createdAt }) => time(createdAt) },
  ]
}
