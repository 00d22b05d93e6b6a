import { shownDb } from '../../config.js'
import type { Answer, CliCommand, CliGroup } from '../command.js'
import type { Session } from '../session.js'
import { table } from '../table.js'
import { count } from '../text.js'
import { UsageError } from '../usage-error.js'

const steps = async (session: Session) => {
  const { config } = await session.config()
  if (config.remote !== undefined)
    throw new UsageError(
      'db needs the database itself. Run it where the server runs, without the address of the server.',
    )
  const { databaseSchema } = await import('../../compose.js')
  return { config, db: shownDb(config.db), steps: await databaseSchema(config) }
}

const status: CliCommand = {
  examples: [{ what: 'See how far the tables are', run: 'modelry db status' }],
  configure() {},
  async run(session) {
    const { db, steps: all } = await steps(session)
    const missing = all.filter(({ state }) => state === 'missing')
    return {
      json: { db, steps: all.map(({ sql: _, ...step }) => step) },
      text: (paint, { width }) =>
        [
          missing.length === 0
            ? `${paint.good('Up to date')}: ${db}`
            : `${count(missing.length, 'step')} missing: ${db}`,
          '',
          table(
            [
              { head: 'STEP', cell: ({ number }) => String(number), align: 'right' },
              { head: 'NAME', cell: ({ name }) => name },
              { head: 'STATE', cell: ({ state }) => state },
              { head: 'SHA256', cell: ({ checksum }) => checksum, atLeast: 12 },
            ],
            all,
            width,
          ),
          ...(missing.length === 0
            ? []
            : ['', `${paint.command(session.next('db migrate'))} runs them, as opening the registry does.`]),
        ].join('\n'),
    }
  },
}

const plan: CliCommand = {
  examples: [{ what: 'Read the SQL that would run', run: 'modelry db plan' }],
  configure() {},
  async run(session): Promise<Answer> {
    const { db, steps: all } = await steps(session)
    const missing = all.filter(({ state }) => state === 'missing')
    return {
      json: { db, steps: missing },
      text: (paint) =>
        missing.length === 0
          ? `${paint.good('Nothing would run')}: ${db} is up to date.`
          : missing.map(({ number, name, sql = '' }) => `-- ${number} ${name}\n${sql.trim()}`).join('\n\n'),
    }
  },
}

const migrate: CliCommand = {
  examples: [{ what: 'Bring the tables up to date', run: 'modelry db migrate' }],
  configure() {},
  async run(session): Promise<Answer> {
    const { config, db, steps: before } = await steps(session)
    const missing = before.filter(({ state }) => state === 'missing')
    const { migrateDatabase } = await import('../../compose.js')
    await migrateDatabase(config)
    return {
      json: { db, ran: missing.map(({ sql: _, ...step }) => ({ ...step, state: 'applied' })) },
      text: (paint) =>
        missing.length === 0
          ? `${paint.good('Nothing to run')}: ${db} was up to date.`
          : `${paint.good('Ran')} ${missing.map(({ number, name }) => `${number} ${name}`).join(', ')}: ${db} is up to date.`,
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
