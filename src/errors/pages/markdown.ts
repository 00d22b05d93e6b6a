import type { Step } from '../cause.js'

/** Text of the catalog as it may stand in Markdown; what it has in backquotes stays code. */
export function md(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part, index) => (index % 2 === 1 ? part : part.replace(/[\\*<>[\]|]|(?<!\w)_|_(?!\w)/g, '\\$&')))
    .join('')
}

export function code(text: string): string {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``
}

export function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', `## ${title}`, '', ...lines]
}

export function bullets(texts: readonly string[]): string[] {
  return texts.map((text) => `- ${md(text)}`)
}

/** Numbered, each with its command below it. */
export function numbered(steps: readonly Step[]): string[] {
  return steps.flatMap(({ text, run }, index) => {
    const number = `${index + 1}. `
    const indent = ' '.repeat(number.length)
    const command = run === undefined ? [] : ['', `${indent}\`\`\`sh`, `${indent}${run}`, `${indent}\`\`\``]
    return [`${number}${md(text)}`, ...command]
  })
}
