import { describe, expect, it } from 'vitest'
import { catalog } from '../errors/catalog.js'
import { placeholders } from '../errors/pages/without-failure.js'
import { type CommandNode, nodeOf, wholeProgram } from './command-tree.js'

const root = nodeOf(await wholeProgram())
const named = Object.values(catalog).flatMap((entry) => [
  ...entry.troubleshooting.flatMap(({ run }) => run ?? []),
  ...entry.causes.flatMap((cause) => cause.steps(placeholders).flatMap(({ run }) => run ?? [])),
])
const commands = [...new Set(named.filter((run) => /^modelry\b/.test(run)))]

describe('the commands that errors name', () => {
  it('are some', () => {
    expect(commands.length).toBeGreaterThan(5)
  })

  it.each(commands)('can be given as they stand: %s', (run) => {
    const [, ...words] = run.split(' ')
    let node: CommandNode = root
    for (const word of words) {
      const below = node.subcommands.find(({ path }) => path.at(-1) === word)
      if (below === undefined) break
      node = below
    }
    expect(node.path).not.toEqual([])
    const options = words.filter((word) => /^--?[a-z]/.test(word))
    const known = node.options.flatMap(({ names }) => names)
    expect(options.filter((option) => !known.includes(option))).toEqual([])
  })
})
