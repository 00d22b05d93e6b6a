import { readdirSync, readFileSync } from 'node:fs'
import type { Diagnosis } from './diagnosis.js'
import type { Operation } from './read/operations.js'

/** One labelled text: test/corpus/diagnosis/README.md tells the form. */
export interface LabelledText {
  readonly name: string
  readonly text: string
  readonly operation?: Operation
  /** The answers that are right, as `CODE/cause`; empty for a text that is no failure of a registry. */
  readonly answers: readonly string[]
  readonly heldOut: boolean
}

const operations: readonly Operation[] = ['upload', 'download', 'delete', 'list', 'deploy', 'metadata']

export function readCorpus(folder: URL): LabelledText[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.txt'))
    .sort()
    .flatMap((file) => parseCorpus(readFileSync(new URL(file, folder), 'utf8'), file.replace('.txt', '')))
}

function parseCorpus(source: string, family: string): LabelledText[] {
  const [, ...blocks] = `\n${source}`.split('\n=== ')
  return blocks.map((block, index) => {
    const end = block.indexOf('\n')
    const [name = '', label = '', told = ''] = block
      .slice(0, end < 0 ? undefined : end)
      .split('|')
      .map((part) => part.trim())
    const operation = operations.find((known) => told === `op=${known}`)
    return {
      name: `${family}/${name}`,
      text: end < 0 ? '' : block.slice(end + 1),
      answers: label === 'none' ? [] : label.split(' or '),
      heldOut: !family.startsWith('open-') && index % 3 === 2,
      ...(operation === undefined ? {} : { operation }),
    }
  })
}

export interface Accuracy {
  readonly texts: number
  readonly codeRight: number
  readonly causeRight: number
  readonly foreign: number
  readonly claimed: number
  readonly mistakes: readonly { readonly name: string; readonly wanted: string; readonly got: string }[]
}

/** How often the answers are right. A cause counts with its code or without it. */
export function accuracyOf(
  corpus: readonly LabelledText[],
  diagnose: (text: LabelledText) => Diagnosis,
): Accuracy {
  let [codeRight, causeRight, claimed] = [0, 0, 0]
  const mistakes: Accuracy['mistakes'][number][] = []
  for (const one of corpus) {
    const { code, cause } = diagnose(one)
    const got = code === null ? 'none' : `${code}/${cause}`
    const right = one.answers.length === 0 ? code === null : one.answers.includes(got)
    if (!right) mistakes.push({ name: one.name, wanted: one.answers.join(' or ') || 'none', got })
    if (one.answers.length === 0) claimed += Number(code !== null)
    codeRight += Number(one.answers.some((answer) => answer.split('/')[0] === code))
    causeRight += Number(one.answers.some((answer) => answer.split('/')[1] === cause))
  }
  const foreign = corpus.filter(({ answers }) => answers.length === 0).length
  return { texts: corpus.length - foreign, codeRight, causeRight, foreign, claimed, mistakes }
}
