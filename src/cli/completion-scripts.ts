import type { CommandNode, OptionNode } from './command-tree.js'

/** Makes the completion script of each shell. File names are completed where nothing else is known. */
export const shells: Readonly<Record<string, (root: CommandNode) => string>> = { bash, zsh, fish }

/** https://www.gnu.org/software/bash/manual/html_node/Programmable-Completion.html */
function bash(root: CommandNode): string {
  return `# Completion of modelry for bash.
_modelry() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD - 1]}" path='' words='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path/\${COMP_WORDS[i]}" in
      ${paths(root).join(' | ')}) path="$path/\${COMP_WORDS[i]}" ;;
    esac
  done
  case "$path" in
${cases(root, (node) => `words='${wordsOf(node).join(' ')}'`)}
  esac
  case "$path $previous" in
${choiceCases(root, (choices) => `words='${choices.join(' ')}'`)}
    *) ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -o default -F _modelry modelry
`
}

/** https://zsh.sourceforge.io/Doc/Release/Completion-System.html */
function zsh(root: CommandNode): string {
  return `#compdef modelry
# Completion of modelry for zsh.
_modelry() {
  local path_='' word
  local -a found choices
  for word in "\${(@)words[2,CURRENT - 1]}"; do
    case "$path_/$word" in
      ${paths(root).join(' | ')}) path_="$path_/$word" ;;
    esac
  done
  case "$path_" in
${cases(root, (node) => `found=(${described(node).map(quoted).join(' ')})`)}
  esac
  case "$path_ \${words[CURRENT - 1]}" in
${choiceCases(root, (choices) => `choices=(${choices.join(' ')})`)}
    *) ;;
  esac
  if ((\${#choices})); then
    compadd -a choices
  else
    _describe modelry found
    _files
  fi
}
if [[ "$funcstack[1]" == _modelry ]]; then
  _modelry "$@"
else
  compdef _modelry modelry
fi
`
}

/** https://fishshell.com/docs/current/completions.html */
function fish(root: CommandNode): string {
  const lines = ['# Completion of modelry for fish.']
  for (const node of all(root)) {
    const seen = node.path.map((name) => `__fish_seen_subcommand_from ${name}`)
    const below = node.subcommands.map(({ path }) => path.at(-1))
    const none = below.length === 0 ? [] : [`not __fish_seen_subcommand_from ${below.join(' ')}`]
    const when = [...seen, ...none].join('; and ')
    const start = `complete -c modelry${when === '' ? '' : ` -n ${quoted(when)}`}`
    for (const { path, summary } of node.subcommands)
      lines.push(`${start} -f -a ${path.at(-1)} -d ${quoted(summary)}`)
    if (node.choices.length > 0) lines.push(`${start} -f -a ${quoted(node.choices.join(' '))}`)
    for (const option of node.options) lines.push(`${start} ${fishOption(option)}`)
  }
  return `${lines.join('\n')}\n`
}

function fishOption({ names, description, takesValue, choices }: OptionNode): string {
  const forms = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`))
  const value = choices.length > 0 ? `-x -a ${quoted(choices.join(' '))}` : takesValue ? '-r' : ''
  return [...forms, value, `-d ${quoted(description)}`].filter((part) => part !== '').join(' ')
}

function* all(node: CommandNode): Generator<CommandNode> {
  yield node
  for (const below of node.subcommands) yield* all(below)
}

function paths(root: CommandNode): string[] {
  return [...all(root)].map(slashed).filter((path) => path !== '')
}

function slashed({ path }: CommandNode): string {
  return path.map((name) => `/${name}`).join('')
}

function wordsOf({ subcommands, options, choices }: CommandNode): string[] {
  return [
    ...subcommands.map(({ path }) => path.at(-1) ?? ''),
    ...choices,
    ...options.flatMap(({ names }) => names),
  ]
}

function described({ subcommands, options, choices }: CommandNode): string[] {
  return [
    ...subcommands.map(({ path, summary }) => `${path.at(-1)}:${summary}`),
    ...choices,
    ...options.flatMap(({ names, description }) => names.map((name) => `${name}:${description}`)),
  ]
}

function cases(root: CommandNode, line: (node: CommandNode) => string): string {
  return [...all(root)].map((node) => `    '${slashed(node)}') ${line(node)} ;;`).join('\n')
}

function choiceCases(root: CommandNode, line: (choices: readonly string[]) => string): string {
  return [...all(root)]
    .flatMap((node) =>
      node.options
        .filter(({ choices }) => choices.length > 0)
        .map(({ names, choices }) => {
          const patterns = names.map((name) => `'${slashed(node)} ${name}'`)
          return `    ${patterns.join(' | ')}) ${line(choices)} ;;`
        }),
    )
    .join('\n')
}

/** For bash, zsh and fish alike, as long as there is no backslash in it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
