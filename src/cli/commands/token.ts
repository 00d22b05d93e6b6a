import { InvalidArgumentError, Option } from 'commander'
import { refuse } from '../../domain/refuse.js'
import { tokenScopes } from '../../registry/access-tokens.js'
import type { CliGroup } from '../command.js'
import { each } from '../options.js'
import { table } from '../table.js'
import { time } from '../text.js'

export const token: CliGroup = {
  subcommands: {
    create: {
      summary: 'create a token, which is shown this once',
      examples: [
        { what: 'A token that may read and save', run: 'modelry token create ci --scope write' },
        { what: 'A token that may do everything', run: 'modelry token create admin --scope admin' },
      ],
      configure(command) {
        command
          .argument('<name>', 'whose token it is; the name is in the history')
          .addOption(
            new Option(
              '--scope <scope>',
              'what it may do, several with commas between; each includes the ones before it',
            )
              .choices(tokenScopes)
              .argParser(eachScope)
              .default([], 'read'),
          )
      },
      async run(session, [name = ''], options) {
        const { tokens } = await session.engine('token create')
        const asked = options.list('scope')
        const scopes = tokenScopes.filter((scope) => (asked.length > 0 ? asked : ['read']).includes(scope))
        const created = await tokens.create(name, scopes)
        return {
          json: { name, scopes, token: created },
          text: (paint) =>
            [
              `${paint.good('Created')} the token ${paint.strong(name)} for ${scopes.join(', ')}:`,
              '',
              `  ${created}`,
              '',
              'It is stored as its hash and cannot be shown again. Give it to those who use it as MODELRY_TOKEN.',
            ].join('\n'),
        }
      },
    },
    list: {
      summary: 'list the tokens, without the tokens themselves',
      examples: [{ what: 'List the tokens', run: 'modelry token list' }],
      configure() {},
      async run(session) {
        const items = await (await session.engine('token list')).tokens.list()
        return {
          json: { items },
          text: (_paint, { width }) =>
            items.length === 0
              ? 'There is no token. A server without one listens on this machine only.'
              : table(
                  [
                    { head: 'NAME', cell: ({ name }) => name, atLeast: 12 },
                    { head: 'SCOPES', cell: ({ scopes }) => scopes.join(', ') },
                    { head: 'CREATED', cell: ({ createdAt }) => time(createdAt) },
                  ],
                  items,
                  width,
                ),
        }
      },
    },
    revoke: {
      summary: 'revoke a token; it is refused from then on',
      examples: [{ what: 'Revoke a token', run: 'modelry token revoke laptop' }],
      configure(command) {
        command.argument('<name>', 'the name that it was created with')
      },
      async run(session, [name = '']) {
        const { tokens } = await session.engine('token revoke')
        if (!(await tokens.revoke(name)))
          throw refuse('name', name, 'the name of a token, as modelry token list shows them', 'token revoke')
        return {
          json: { name, revoked: true },
          text: (paint) => `${paint.good('Revoked')} the token ${paint.strong(name)}.`,
        }
      },
    },
  },
}

function eachScope(value: string, before: readonly string[] | undefined): readonly string[] {
  const scopes = value.split(',').map((scope) => scope.trim())
  const known: readonly string[] = tokenScopes
  if (!scopes.every((scope) => known.includes(scope)))
    throw new InvalidArgumentError(
      `Allowed choices are ${tokenScopes.join(', ')}, with commas between several.`,
    )
  return scopes.reduce((all, scope) => each(scope, all), before ?? [])
}
