import { shownDb } from '../../config.js'
import type { Answer, CliCommand, CliGroup } from '../command.js'
import type { Session } from '../session.js'
import { table } from '../table.js'
import { count } from '../text.js'
import { UsageError } from '../usage-error.js'

const configOf = async (session: Session) => {
  const { config } = await session.config()
  if (config.remote !== undefined)
    throw new UsageError(
      'db needs the database itself. Run it where the server runs, without the address of the server.',
    )
  return { config, db: shownDb(config.db), compose: await import('../../compose.js') }
}

const found = async (session: Session) => {
  const { config, db, compose } = await configOf(session)
  const { packageVersion } = await import('../../package-version.js')
  const state = await compose.databaseSchema(config)
  return { db, program: packageVersion(), ...state }
}

const status: CliCommand = {
  examples: [{ what: 'See how far the tables are', run: 'modelry db status' }],
  configure() {},
  async run(session) {
    const { steps: all, ...where } = await found(session)
    const { db, program, schema } = where
    const missing = all.filter(({ state }) => state === 'missing')
    const newer = all.filter(({ state }) => state === 'newer')
    // Nobody may have recorded it, and then the step alone says how far the database is.
    const needed = newer.at(-1)?.program
    return {
      json: { ...where, steps: all.map(({ sql: _, ...step }) => step) },
      text: (paint, { width }) =>
        [
          newer.length > 0
            ? `${paint.bad('Newer than this program')}: ${db}`
            : missing.length === 0
              ? `${paint.good('Up to date')}: ${db}`
              : `${count(missing.length, 'step')} missing: ${db}`,
          ...(schema === undefined ? [] : [`Schema: ${schema}`]),
          '',
          table(
            [
              { head: 'STEP', cell: ({ number }) => String(number), align: 'right' },
              { head: 'NAME', cell: ({ name }) => name },
              { head: 'STATE', cell: ({ state }) => state },
              { head: 'BY', cell: ({ program }) => program ?? '-' },
              { head: 'SHA256', cell: ({ checksum }) => checksum, atLeast: 12 },
            ],
            all,
            width,
          ),
          ...(newer.length > 0
            ? [
                '',
                `This is modelry ${program}, which does not know ${newer.length === 1 ? 'that step' : 'those steps'} and changes nothing there. Use modelry ${needed === undefined ? 'of the version that made it' : `${needed} or newer`}.`,
              ]
            : missing.length === 0
              ? []
              : ['', `${paint.command(session.next('db migrate'))} runs them.`]),
        ].join('\n'),
    }
  },
}

const plan: CliCommand = {
  examples: [{ what: 'Read the SQL that would run', run: 'modelry db plan' }],
  configure() {},
  async run(session): Promise<Answer> {
    const { db, steps: all } = await found(session)
    const isNewer = all.some(({ state }) => state === 'newer')
    const missing = isNewer ? [] : all.filter(({ state }) => state === 'missing')
    return {
      json: { db, steps: missing },
      text: (paint) =>
        missing.length === 0
          ? `${paint.good('Nothing would run')}: ${db} is ${isNewer ? 'newer than this program' : 'up to date'}.`
          : missing.map(({ number, name, sql = '' }) => `-- ${number} ${name}\n${sql.trim()}`).join('\n\n'),
    }
  },
}

const migrate: CliCommand = {
  examples: [{ what: 'Bring the tables up to date', run: 'modelry db migrate' }],
  configure() {},
  async run(session): Promise<Answer> {
    const { config, db, compose } = await configOf(session)
    const ran = await compose.migrateDatabase(config)
    return {
      json: { db, ran },
      text: (paint) =>
        ran.length === 0
          ? `${paint.good('Nothing to run')}: ${db} was up to date.`
          : `${paint.good('Ran')} ${ran.map(({ number, name }) => `${number} ${name}`).join(', ')}: ${db} is up to date.`,
    }
  },
}

export const db: CliGroup = {
  subcommands: {
    status: { ...status, summary: 'show which steps of its tables a database has' },
    plan: { ...plan, summary: 'show the SQL that would bring it up to date' },
    migrate: { ...migrate, summary: 'bring it up to date' },
  },
}
