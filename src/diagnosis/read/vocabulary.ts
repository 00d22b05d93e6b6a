import { catalog } from '../../errors/catalog.js'
import type { Cause, Evidence } from '../../errors/cause.js'
import { unknownCause } from '../../errors/causes/unknown.js'
import { type ErrorCode, errorCodes } from '../../errors/entry.js'
import { markers, type Side } from './markers.js'
import { callNames, type Operation, operationWords } from './operations.js'
import { type WordPattern, wordsOf } from './phrase.js'
import { zodCodes } from './problems.js'
import { sqliteCodes } from './sqlite-codes.js'
import { commonConditions, conditionNames } from './sqlstates.js'
import { WordTable } from './word-table.js'
import type { Lexicon } from './words.js'

/** What a word or a phrase means where it stands in a text. */
export type Meaning =
  /** A code, in exactly this spelling. `key` is how evidence asks for it: `sdk:NoSuchKey`. */
  | { readonly is: 'code'; readonly key: string; readonly spelling: string; readonly common: boolean }
  | { readonly is: 'wording'; readonly key: string; readonly common: boolean }
  /** `port`: a number that counts only where it is a port. */
  | { readonly is: 'marker'; readonly side: Side; readonly weight: number; readonly port: boolean }
  | { readonly is: 'package' }
  /** Botocore's words before the name of a call. */
  | { readonly is: 'calling' }
  /** A field in which the registry names the cause. */
  | { readonly is: 'cause-field'; readonly spelling: string }
  | { readonly is: 'call'; readonly call: string; readonly operation: Operation; readonly spelling: string }
  | { readonly is: 'operation'; readonly operation: Operation }
  | { readonly is: 'zod'; readonly spelling: string }
  | { readonly is: 'registry-code'; readonly code: ErrorCode; readonly spelling: string }

/** What words in order mean. */
interface Phrase extends WordPattern {
  readonly meaning: Meaning
}

export interface Vocabulary {
  readonly lexicon: Lexicon
  /** The phrases that begin with a word. */
  readonly startingWith: (id: number) => readonly Phrase[]
}

/** Classes of that name are found in many libraries; the registry writes its code beside them. */
const commonClassNames: ReadonlySet<string> = new Set(['S3Error', 'DatabaseError'])

const NONE: readonly Phrase[] = []

let built: Vocabulary | undefined

/** Made of the evidence of every cause, when it is first asked for. */
export function vocabulary(): Vocabulary {
  built ??= build()
  return built
}

/** Every cause of the catalog, once. */
export function allCauses(): ReadonlySet<Cause> {
  return new Set([...errorCodes.flatMap((code) => catalog[code].causes), unknownCause])
}

function build(): Vocabulary {
  const table = new WordTable()
  const phrases: Phrase[][] = []
  const add = (text: string, meaning: Meaning) => {
    const { words, gaps } = wordsOf(text, table.learn)
    const [first] = words
    if (first === undefined) return
    phrases[first] ??= []
    phrases[first].push({ words, gaps, meaning })
  }

  for (const cause of allCauses()) addEvidence(cause.evidence, add)
  for (const [name, code] of Object.entries(sqliteCodes))
    add(name, { is: 'code', key: `sqlite:${code}`, spelling: name, common: false })
  for (const [name, sqlstate] of conditionNames())
    add(name, { is: 'code', key: `sqlstate:${sqlstate}`, spelling: name, common: commonConditions.has(name) })
  for (const [spelling, call, operation] of callNames())
    add(spelling, { is: 'call', call, operation, spelling })
  for (const operation of ['upload', 'download', 'delete', 'list', 'deploy', 'metadata'] as const)
    for (const words of operationWords[operation]) add(words, { is: 'operation', operation })
  for (const side of ['store', 'database', 'registry', 'foreign'] as const)
    for (const [words, weight] of Object.entries(markers[side]))
      add(words, { is: 'marker', side, weight, port: /^\d+$/.test(words) })
  for (const folder of ['node_modules', 'site-packages', 'dist-packages']) add(folder, { is: 'package' })
  add('when calling the', { is: 'calling' })
  for (const spelling of ['cause', 'reason', 'id']) add(spelling, { is: 'cause-field', spelling })
  for (const spelling of zodCodes) add(spelling, { is: 'zod', spelling })
  for (const code of errorCodes) {
    add(code, { is: 'registry-code', code, spelling: code })
    const { className } = catalog[code]
    if (!commonClassNames.has(className)) add(className, { is: 'registry-code', code, spelling: className })
  }
  return {
    lexicon: table.idOf,
    startingWith: (id) => phrases[id] ?? NONE,
  }
}

function isCommon(evidence: Evidence): boolean {
  return 'common' in evidence && evidence.common === true
}

/** The SDK for C++, and what is made with it, writes NO_SUCH_BUCKET for NoSuchBucket. */
function addShouted(code: string, add: (text: string, meaning: Meaning) => void): void {
  const spelling = code.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase()
  if (/^[A-Z][A-Z_]*_[A-Z_]*$/.test(spelling))
    add(spelling, { is: 'code', key: `sdk:${code}`, spelling, common: true })
}

function addEvidence(evidence: Evidence, add: (text: string, meaning: Meaning) => void): void {
  switch (evidence.is) {
    case 'errno':
    case 'sdk':
    case 'pgrst':
    case 'sqlstate':
      if (evidence.is === 'sdk') for (const code of evidence.codes) addShouted(code, add)
      for (const code of evidence.codes)
        if (code.length > 2)
          add(code, {
            is: 'code',
            key: `${evidence.is}:${code}`,
            spelling: code,
            common: isCommon(evidence) || (evidence.is === 'sqlstate' && /^\d{5}$/.test(code)),
          })
      return
    case 'wording':
      for (const list of Object.values(evidence.phrases))
        for (const phrase of list)
          add(phrase, { is: 'wording', key: `wording:${phrase}`, common: isCommon(evidence) })
      return
    case 'any-of':
    case 'all-of':
      for (const part of evidence.of) addEvidence(part, add)
      return
    case 'sqlite':
    case 'status':
    case 'operation':
    case 'registry':
      return
  }
}
