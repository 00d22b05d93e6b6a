import { Command, Option } from 'commander'
import { packageVersion } from '../package-version.js'
import type { CliCommand, CliGroup, Example } from './command.js'
import { commandTable } from './command-table.js'
import { Options } from './options.js'
import type { GlobalOptions } from './session.js'
import { type Terminal, widthOf } from './terminal.js'

/** Does what the command line asks for. */
export type Act = (
  command: CliCommand,
  global: GlobalOptions,
  args: readonly string[],
  options: Options,
) => Promise<void>

/**
 * The whole command line. Only the command that is used gets its arguments and options: its module is loaded then.
 * Whatever is wrong with the command line is thrown as a CommanderError, and nothing is printed for it.
 */
export function createProgram(terminal: Pick<Terminal, 'stdout' | 'stderr'>, act: Act): Command {
  const program = new Command('modelry')
  program
    .description('Saves, verifies, deploys and rolls back versions of models.')
    .version(packageVersion(), '-V, --version', 'print the version of modelry')
    .helpOption('-h, --help', 'show how a command is used')
    .helpCommand(false)
    .enablePositionalOptions()
    .exitOverride()
    .configureHelp({ commandUsage: (command) => `${pathOf(command)} ${command.usage()}` })
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
      getOutHelpWidth: () => widthOf(terminal.stdout) ?? 80,
      getErrHelpWidth: () => widthOf(terminal.stderr) ?? 80,
      outputError: () => {},
    })
    .addHelpText('after', '\nmodelry <command> --help shows the options and examples of a command.')
  addGlobalOptions(program)
  for (const { name, summary, group } of commandTable)
    program.command(name).summary(summary).description(sentence(summary)).helpGroup(`${group}:`)
  program.hook('preSubcommand', (_program, command) => configure(command, act))
  return program
}

/** Gives a command of the table its arguments, options and what is below it. */
export async function configure(command: Command, act: Act): Promise<void> {
  const entry = commandTable.find(({ name }) => name === command.name())
  if (entry === undefined) throw new TypeError(`${command.name()} is not in the table of commands`)
  const module = await entry.load()
  if (!isGroup(module)) return configureLeaf(command, module, act)
  for (const [name, subcommand] of Object.entries(module.subcommands)) {
    const below = command.command(name).summary(subcommand.summary).description(sentence(subcommand.summary))
    configureLeaf(below, subcommand, act)
  }
}

/** `modelry alias set`: the names from the program down. */
export function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`
}

function configureLeaf(command: Command, module: CliCommand, act: Act): void {
  module.configure(command)
  addGlobalOptions(command)
  command
    .allowExcessArguments(false)
    .addHelpText('after', examplesText(module.examples))
    .action(() => act(module, globalOptions(command), command.args, new Options(command.opts())))
}

function examplesText(examples: readonly Example[]): string {
  return ['', 'Examples:', ...examples.flatMap(({ what, run }) => [`  ${what}`, `    ${run}`])].join('\n')
}

/** On every command too, so that they may stand before or after its name. */
function addGlobalOptions(command: Command): void {
  const options = [
    new Option(
      '--home <folder>',
      'where everything is kept that has no place of its own (default ./.modelry)',
    ),
    new Option('--store <address>', 'where files are kept, such as file:./models or s3://bucket/prefix'),
    new Option(
      '--db <address>',
      'where metadata is kept: sqlite:./registry.db, postgres://user@host:5432/database or supabase',
    ),
    new Option('--server <url>', 'use the registry that this server keeps'),
    new Option(
      '--token <token>',
      'the token for the server; MODELRY_TOKEN keeps it out of the list of processes',
    ),
    new Option('--actor <name>', 'who does it, for the history'),
    new Option('--json', 'print JSON, and nothing else, on standard output'),
    new Option('--no-color', 'print without colours'),
    new Option('--debug', 'print the stack of an error'),
  ]
  for (const option of options) command.addOption(option.helpGroup('Options of every command:'))
}

/** The nearest to the command wins; defaults do not count, since every level has its own. */
function globalOptions(command: Command): GlobalOptions {
  const given = (name: string): unknown => {
    for (let level: Command | null = command; level !== null; level = level.parent)
      if (level.getOptionValueSource(name) === 'cli') return level.getOptionValue(name)
    return undefined
  }
  const text = (name: string): string | undefined => {
    const value = given(name)
    return typeof value === 'string' ? value : undefined
  }
  return {
    home: text('home'),
    store: text('store'),
    db: text('db'),
    server: text('server'),
    token: text('token'),
    actor: text('actor'),
    json: given('json') === true,
    color: given('color') !== false,
    debug: given('debug') === true,
  }
}

function isGroup(module: CliCommand | CliGroup): module is CliGroup {
  return 'subcommands' in module
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}
