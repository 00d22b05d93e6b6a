import type { CliCommand, CliGroup } from './command.js'

export interface CommandEntry {
  readonly name: string
  readonly summary: string
  readonly group: 'Save and read' | 'Deploy' | 'Look after' | 'Serve and learn'
  /** Loads the command's module, which is not needed before the command is used. */
  readonly load: () => Promise<CliCommand | CliGroup>
}

/** Every command, in the order of the help. */
export const commandTable: readonly CommandEntry[] = [
  {
    name: 'save',
    summary: 'save a file, a folder or standard input as a new version',
    group: 'Save and read',
    load: async () => (await import('./commands/save.js')).save,
  },
  {
    name: 'get',
    summary: 'show a version',
    group: 'Save and read',
    load: async () => (await import('./commands/get.js')).get,
  },
  {
    name: 'download',
    summary: "write a version's files into a folder, each checked",
    group: 'Save and read',
    load: async () => (await import('./commands/download.js')).download,
  },
  {
    name: 'verify',
    summary: "read a version's files and check each against its sha256",
    group: 'Save and read',
    load: async () => (await import('./commands/verify.js')).verify,
  },
  {
    name: 'list',
    summary: 'list versions of all models',
    group: 'Save and read',
    load: async () => (await import('./commands/list.js')).list,
  },
  {
    name: 'versions',
    summary: 'list the versions of one model, highest first',
    group: 'Save and read',
    load: async () => (await import('./commands/versions.js')).versions,
  },
  {
    name: 'diff',
    summary: 'show what two versions of a model differ in',
    group: 'Save and read',
    load: async () => (await import('./commands/diff.js')).diff,
  },
  {
    name: 'deploy',
    summary: 'make a version the active one in an environment',
    group: 'Deploy',
    load: async () => (await import('./commands/deploy.js')).deploy,
  },
  {
    name: 'approve',
    summary: 'say that a version may become active in an environment',
    group: 'Deploy',
    load: async () => (await import('./commands/approve.js')).approve,
  },
  {
    name: 'active',
    summary: 'show the version that is active in an environment',
    group: 'Deploy',
    load: async () => (await import('./commands/active.js')).active,
  },
  {
    name: 'rollback',
    summary: 'make active again what was active before',
    group: 'Deploy',
    load: async () => (await import('./commands/rollback.js')).rollback,
  },
  {
    name: 'deployments',
    summary: 'list deployments, newest first',
    group: 'Deploy',
    load: async () => (await import('./commands/deployments.js')).deployments,
  },
  {
    name: 'history',
    summary: 'list who did what when, newest first',
    group: 'Look after',
    load: async () => (await import('./commands/history.js')).history,
  },
  {
    name: 'alias',
    summary: 'set or remove an alias of a version',
    group: 'Look after',
    load: async () => (await import('./commands/alias.js')).alias,
  },
  {
    name: 'update',
    summary: 'change the description or the tags of a version',
    group: 'Look after',
    load: async () => (await import('./commands/update.js')).update,
  },
  {
    name: 'archive',
    summary: 'take a version out of use without removing it',
    group: 'Look after',
    load: async () => (await import('./commands/archive.js')).archive,
  },
  {
    name: 'restore',
    summary: 'undo archive, or bring a backup back',
    group: 'Look after',
    load: async () => (await import('./commands/restore.js')).restore,
  },
  {
    name: 'delete',
    summary: 'remove a version and its files for good',
    group: 'Look after',
    load: async () => (await import('./commands/delete.js')).deleteCommand,
  },
  {
    name: 'backup',
    summary: 'write the whole registry to a folder or a bucket',
    group: 'Look after',
    load: async () => (await import('./commands/backup.js')).backup,
  },
  {
    name: 'export',
    summary: 'write the whole registry to where another one can take it',
    group: 'Look after',
    load: async () => (await import('./commands/export.js')).exportCommand,
  },
  {
    name: 'import',
    summary: 'bring an export into this registry, checked byte by byte',
    group: 'Look after',
    load: async () => (await import('./commands/import.js')).importCommand,
  },
  {
    name: 'scan',
    summary: 'list what crashes left behind and what is missing',
    group: 'Look after',
    load: async () => (await import('./commands/scan.js')).scan,
  },
  {
    name: 'fix',
    summary: 'show the repair of a failure, and run it after a yes',
    group: 'Look after',
    load: async () => (await import('./commands/fix.js')).fix,
  },
  {
    name: 'breaker',
    summary: "show or reset the circuit breaker of a server's store",
    group: 'Look after',
    load: async () => (await import('./commands/breaker.js')).breaker,
  },
  {
    name: 'db',
    summary: 'show how far the tables of the database are, and bring them up to date',
    group: 'Look after',
    load: async () => (await import('./commands/db.js')).db,
  },
  {
    name: 'uploads',
    summary: 'list and end uploads that did not become files',
    group: 'Look after',
    load: async () => (await import('./commands/uploads.js')).uploads,
  },
  {
    name: 'sync',
    summary: 'carry over to the store what this machine kept while it was away',
    group: 'Look after',
    load: async () => (await import('./commands/sync.js')).sync,
  },
  {
    name: 'serve',
    summary: 'serve the registry over HTTP',
    group: 'Serve and learn',
    load: async () => (await import('./commands/serve.js')).serve,
  },
  {
    name: 'token',
    summary: 'create, list or revoke access tokens for the server',
    group: 'Serve and learn',
    load: async () => (await import('./commands/token.js')).token,
  },
  {
    name: 'config',
    summary: 'show the configuration in force and where each value comes from',
    group: 'Serve and learn',
    load: async () => (await import('./commands/config.js')).config,
  },
  {
    name: 'explain',
    summary: 'explain an error: its causes and what to do about each',
    group: 'Serve and learn',
    load: async () => (await import('./commands/explain.js')).explain,
  },
  {
    name: 'errors',
    summary: 'search the catalog of errors',
    group: 'Serve and learn',
    load: async () => (await import('./commands/errors.js')).errors,
  },
  {
    name: 'diagnose',
    summary: 'find the code and the cause of a failure in a log or any other text',
    group: 'Serve and learn',
    load: async () => (await import('./commands/diagnose.js')).diagnose,
  },
  {
    name: 'tour',
    summary: 'see the registry at work on a real model, in a temporary folder',
    group: 'Serve and learn',
    load: async () => (await import('./commands/tour.js')).tour,
  },
  {
    name: 'completion',
    summary: 'print a completion script for bash, zsh or fish',
    group: 'Serve and learn',
    load: async () => (await import('./commands/completion.js')).completion,
  },
]
