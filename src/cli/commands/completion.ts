import { Argument } from 'commander'
import type { CliCommand } from '../command.js'
import { nodeOf, wholeProgram } from '../command-tree.js'
import { shells } from '../completion-scripts.js'

export const completion: CliCommand = {
  examples: [
    {
      what: 'bash: put this line into ~/.bashrc, with source <( ) around it',
      run: 'modelry completion bash',
    },
    { what: 'zsh: save it as _modelry in a folder of $fpath', run: 'modelry completion zsh' },
    { what: 'fish: save it as ~/.config/fish/completions/modelry.fish', run: 'modelry completion fish' },
  ],
  configure(command) {
    command.addArgument(new Argument('<shell>', 'which shell the script is for').choices(Object.keys(shells)))
  },
  async run(_session, [shell = '']) {
    const script = shells[shell]
    if (script === undefined) throw new TypeError(`There is no script for ${shell}`)
    const text = script(nodeOf(await wholeProgram()))
    return { json: { shell, script: text }, text: () => text.trimEnd() }
  },
}
