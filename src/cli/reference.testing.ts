import type { Command } from 'commander'
import type { CliCommand, CliGroup } from './command.js'
import { commandTable } from './command-table.js'
import { wholeProgram } from './command-tree.js'
import { pathOf } from './program.js'

/** docs/cli.md: every command as it is declared. */
export async function cliReference(): Promise<string> {
  const program = await wholeProgram()
  const lines = [
    '# The command line',
    '',
    '<!-- Made from the declarations in src/cli by src/cli/reference.test.ts; `npx vitest run src/cli/reference.test.ts -u` makes it again. -->',
    '',
    'Exit codes: 0 done, 1 an error of the registry, 2 wrong usage, 130 interrupted; `modelry diagnose` and `modelry errors`',
    'end with 1 where they found nothing, so that a script can tell. With `--json` standard output holds JSON and nothing',
    'else: the answer, or the error in its wire form. People get the error on standard error.',
    '',
    '`<model@version>` names a version by itself; where something is read, an alias or `latest` may stand behind the `@`.',
    '',
    ...groupsOf(program),
    '## Options of every command',
    '',
    ...optionsOf(program, (group) => group !== undefined),
  ]
  for (const command of program.commands) {
    const module = await moduleOf(command.name())
    if ('subcommands' in module)
      for (const below of command.commands) lines.push(...sectionOf(below, module.subcommands[below.name()]))
    else lines.push(...sectionOf(command, module))
  }
  return `${lines.join('\n').trimEnd()}\n`
}

function groupsOf(program: Command): string[] {
  return ['| command | what it does |', '| --- | --- |', ...program.commands.flatMap(rowsOf), '']
}

function rowsOf(command: Command): string[] {
  if (command.commands.length > 0) return command.commands.flatMap(rowsOf)
  const name = pathOf(command)
  return [`| [\`${name}\`](#${name.replaceAll(' ', '-')}) | ${command.summary()} |`]
}

function sectionOf(command: Command, module: CliCommand | undefined): string[] {
  const help = command.createHelp()
  const arguments_ = help.visibleArguments(command)
  return [
    `## ${pathOf(command)}`,
    '',
    command.description(),
    '',
    '```',
    `${pathOf(command)} ${command.usage()}`,
    '```',
    '',
    ...table(
      'argument',
      arguments_.map((argument) => [argument.name(), help.argumentDescription(argument)]),
    ),
    ...optionsOf(command, (group) => group === undefined),
    '```sh',
    ...(module?.examples ?? []).flatMap(({ what, run }) => [`# ${what}`, run]),
    '```',
    '',
  ]
}

function optionsOf(command: Command, wanted: (group: string | undefined) => boolean): string[] {
  const help = command.createHelp()
  const options = help
    .visibleOptions(command)
    .filter(({ helpGroupHeading, long }) => wanted(helpGroupHeading) && long !== '--help')
  return table(
    'option',
    options.map((option) => [help.optionTerm(option), help.optionDescription(option)]),
  )
}

function table(head: string, rows: readonly (readonly [name: string, meaning: string])[]): string[] {
  if (rows.length === 0) return []
  const cell = (text: string) => text.replaceAll('|', '\\|')
  return [
    `| ${head} | |`,
    '| --- | --- |',
    ...rows.map(([name, meaning]) => `| \`${cell(name)}\` | ${cell(meaning)} |`),
    '',
  ]
}

async function moduleOf(name: string): Promise<CliCommand | CliGroup> {
  const entry = commandTable.find((each) => each.name === name)
  if (entry === undefined) throw new Error(`${name} is not in the table of commands`)
  return entry.load()
}
