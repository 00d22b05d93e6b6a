import { Writable } from 'node:stream'
import type { Command } from 'commander'
import { configure, createProgram } from './program.js'

export interface OptionNode {
  /** `--env`, or `-o` and `--output`. */
  readonly names: readonly string[]
  readonly description: string
  readonly takesValue: boolean
  readonly choices: readonly string[]
}

/** A command as it is declared, with everything below it. */
export interface CommandNode {
  /** From the program down, without the program: `['alias', 'set']`; empty for the program. */
  readonly path: readonly string[]
  readonly summary: string
  readonly choices: readonly string[]
  readonly options: readonly OptionNode[]
  readonly subcommands: readonly CommandNode[]
}

/** The whole program with every command configured, for what has to know them all: completion and documentation. */
export async function wholeProgram(): Promise<Command> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const act = async () => {}
  const program = createProgram({ stdout: nowhere, stderr: nowhere }, act)
  for (const command of program.commands) await configure(command, act)
  return program
}

export function nodeOf(command: Command, path: readonly string[] = []): CommandNode {
  return {
    path,
    summary: command.summary(),
    choices: command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices),
    options: command
      .createHelp()
      .visibleOptions(command)
      .map(({ long, short, description, required, optional, argChoices = [] }) => ({
        names: [short, long].filter((name) => typeof name === 'string'),
        description,
        takesValue: required || optional,
        choices: argChoices,
      })),
    subcommands: command.commands.map((below) => nodeOf(below, [...path, below.name()])),
  }
}
