import { causesById } from '../../errors/catalog.js'
import type { ValidationProblem } from '../../errors/cause.js'
import { calleeAt, strangenessOf } from './callee.js'
import { errnoName } from './errnos.js'
import type { Fact, OperationFact, Reading, Standing } from './facts.js'
import type { Side } from './markers.js'
import { isStoreCall } from './operations.js'
import { isStrangePackage, packageAfter } from './packages.js'
import { lastWord } from './phrase.js'
import { causeOfProblems, spokenProblems, zodProblem } from './problems.js'
import { type Meaning, vocabulary } from './vocabulary.js'
import { codeWeight, wordingWeight } from './weights.js'
import { readWords, type Words } from './words.js'

/** Texts are read in pieces of this size, so that a log of any length needs the memory of one piece. */
const PIECE = 256 * 1024
/** A phrase that begins in a piece may end this much after it; what stands before a word is looked at this far back. */
const OVERLAP = 4096
/** The same fact more often than this adds nothing. */
const MOST_OF_A_KIND = 48
const ESCAPE = '\u001b'
/** What a code of the registry says about a text. */
const NAMED = 2
/** A call of another service of AWS. */
const OTHER_SERVICE = 4
/** What each package of another program says, and what all of them say together. */
const STRANGE_PACKAGE = 0.7
const MOST_STRANGE = 1.4
/** Facts that tell whom they called. */
const networkKeys = [
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'ECONNRESET', 'EHOSTUNREACH'].map(
    (code) => `errno:${code}`,
  ),
  ...[
    ...[
      'connection refused',
      'connection timed out',
      'i/o timeout',
      'no such host',
      'could not resolve host',
    ],
    ...['failed to resolve', 'unknown host', 'failed to connect to'],
  ].map((phrase) => `wording:${phrase}`),
]

/** Finds everything in a text that rules can rest on, in one pass over its words. */
export function readFacts(text: string): Reading {
  const collector = new FactCollector(text)
  for (let from = 0; from < text.length || from === 0; from += PIECE) {
    const start = wordStart(text, Math.max(0, from - OVERLAP))
    const end = Math.min(text.length, from + PIECE + OVERLAP)
    const words = readWords(text, vocabulary().lexicon, start, end)
    collector.read(words, from, from + PIECE)
  }
  return collector.reading()
}

function wordStart(text: string, at: number): number {
  let start = at
  while (start > 0 && start > at - 64 && /[\w$]/.test(text.charAt(start - 1))) start--
  return start
}

class FactCollector {
  readonly #text: string
  readonly #facts = new Map<string, Fact[]>()
  readonly #operations: OperationFact[] = []
  readonly #registryCodes: Reading['registryCodes'][number][] = []
  readonly #about: Record<Side, number> = { store: 0, database: 0, registry: 0, foreign: 0 }
  readonly #strangePackages = new Set<string>()
  readonly #markersSeen = new Set<Meaning>()
  readonly #problems: {
    readonly problem: ValidationProblem
    readonly start: number
    readonly end: number
  }[] = []

  constructor(text: string) {
    this.#text = text
  }

  reading(): Reading {
    this.#addProblems()
    this.#askCallees()
    this.#about.foreign += Math.min(MOST_STRANGE, STRANGE_PACKAGE * this.#strangePackages.size)
    return {
      text: this.#text,
      facts: this.#facts,
      operations: this.#operations,
      registryCodes: this.#registryCodes,
      about: this.#about,
    }
  }

  /** Takes what begins from `from` up to `to`; the words reach further to both sides. */
  read(words: Words, from: number, to: number): void {
    const { startingWith } = vocabulary()
    for (let at = 0; at < words.count; at++) {
      const start = words.starts[at] ?? 0
      if (start < from) continue
      if (start >= to) break
      const first = this.#text.charCodeAt(start)
      if (first >= 0x30 && first <= 0x39) this.#number(words, at)
      else if (isCapital(first)) this.#stateOf(words, at)
      const id = words.ids[at] ?? 0
      if (id !== 0) {
        for (const phrase of startingWith(id)) {
          const last = lastWord(this.#text, words, at, phrase)
          if (last >= 0) this.#meet(phrase.meaning, words, at, last)
        }
      }
    }
  }

  #meet(meaning: Meaning, words: Words, first: number, last: number): void {
    const start = words.starts[first] ?? 0
    const end = words.ends[last] ?? start
    switch (meaning.is) {
      case 'code': {
        if (this.#isFull(meaning.key)) return
        if (this.#text.slice(start, end) !== meaning.spelling) return
        const weight = codeWeight(meaning, this.#standing(words, first, last))
        if (weight > 0) this.#add(meaning.key, start, end, weight)
        return
      }
      case 'wording':
        if (this.#isFull(meaning.key)) return
        this.#add(meaning.key, start, end, wordingWeight(meaning))
        return
      case 'cause-field':
        if (this.#text.slice(start, end) === meaning.spelling) this.#causeId(end)
        return
      case 'calling': {
        const call = this.#text.slice(words.starts[last + 1], words.ends[last + 1])
        if (!isStoreCall(call)) this.#about.foreign += OTHER_SERVICE
        return
      }
      case 'package': {
        const name = packageAfter(this.#text, end)
        if (name !== undefined && isStrangePackage(name)) this.#strangePackages.add(name)
        return
      }
      case 'marker':
        if (this.#markersSeen.has(meaning)) return
        if (meaning.port && !this.#isPort(words, first)) return
        this.#markersSeen.add(meaning)
        this.#about[meaning.side] += meaning.weight
        return
      case 'call':
        if (this.#text.slice(start, end) !== meaning.spelling) return
        if (!this.#facts.has(`operation:${meaning.call}`)) this.#about.store += 1
        this.#add(`operation:${meaning.call}`, start, end, 0)
        this.#operate({ operation: meaning.operation, call: meaning.call, start, end })
        return
      case 'operation':
        this.#operate({ operation: meaning.operation, call: undefined, start, end })
        return
      case 'zod': {
        if (this.#text.slice(start, end) !== meaning.spelling || this.#problems.length >= MOST_OF_A_KIND)
          return
        if (this.#standing(words, first, last) !== 'field') return
        const problem = zodProblem(this.#text, meaning.spelling, start)
        if (problem !== undefined) this.#problems.push({ problem, start, end })
        return
      }
      case 'registry-code':
        if (this.#text.slice(start, end) !== meaning.spelling || this.#registryCodes.length >= MOST_OF_A_KIND)
          return
        if (this.#registryCodes.length === 0) this.#about.registry += NAMED
        this.#registryCodes.push({ code: meaning.code, start, end })
    }
  }

  /** Several problems that differ are one cause of their own, so that they are weighed together. */
  #addProblems(): void {
    const [refusal] = this.#registryCodes.filter(({ code }) => code === 'MODEL_VALIDATION_FAILED')
    const from = refusal?.start ?? 0
    const spoken =
      refusal === undefined ? [] : spokenProblems(this.#text.slice(Math.max(0, from - 1000), from + 4000))
    const [first] = this.#problems
    if (first !== undefined)
      this.#add(
        `registry:${causeOfProblems(this.#problems.map(({ problem }) => problem))}`,
        first.start,
        first.end,
        0.9,
      )
    else if (refusal !== undefined && spoken.length > 0 && !this.#isNamed())
      this.#add(`registry:${causeOfProblems(spoken)}`, refusal.start, refusal.end, 0.95)
  }

  /** Whom network errors called: Redis at its port is not a store. */
  #askCallees(): void {
    const strange = networkKeys.flatMap((key) =>
      (this.#facts.get(key) ?? []).slice(0, 4).map(({ start, end }) => {
        const callee = calleeAt(this.#text, start, end)
        return callee === undefined ? 0 : strangenessOf(callee)
      }),
    )
    this.#about.foreign += Math.max(0, ...strange)
  }

  #operate(fact: OperationFact): void {
    if (this.#operations.length < 4 * MOST_OF_A_KIND) this.#operations.push(fact)
  }

  #add(key: string, start: number, end: number, weight: number): void {
    const list = this.#facts.get(key)
    if (list === undefined) this.#facts.set(key, [{ key, start, end, weight }])
    else if (list.length < MOST_OF_A_KIND && list.at(-1)?.start !== start)
      list.push({ key, start, end, weight })
  }

  /** Digits: an HTTP status, an errno of Python, a result code of SQLite, a SQLSTATE. */
  #number(words: Words, at: number): void {
    const start = words.starts[at] ?? 0
    const end = words.ends[at] ?? 0
    const length = end - start
    if (length > 5) return
    const digits = this.#text.slice(start, end)
    if (length === 5) this.#state(words, at, digits)
    if (length === 5 || !/^\d+$/.test(digits)) return
    const before = this.#wordBefore(words, at)
    if (before === 'errno' || before === 'winerror') {
      const bracketed = /[[(]\s*$/.test(
        this.#text.slice(Math.max(0, (words.starts[at - 1] ?? 0) - 2), words.starts[at - 1]),
      )
      const name = bracketed
        ? errnoName(Number(digits), { negative: this.#text[start - 1] === '-' })
        : undefined
      if (name !== undefined)
        this.#add(`errno:${name}`, words.starts[at - 1] ?? start, end, commonErrno(name))
      return
    }
    if (before === 'errcode' || before === 'extended_code' || before === 'sqlite_errorcode') {
      const code = Number(digits)
      this.#add(`sqlite:${code}`, start, end, 0.9)
      return
    }
    if (length === 3) this.#status(words, at, digits)
  }

  #status(words: Words, at: number, digits: string): void {
    const status = Number(digits)
    if (status < 300 || status > 599) return
    const start = words.starts[at] ?? 0
    const end = words.ends[at] ?? 0
    const before = this.#text.slice(Math.max(0, start - 32), start)
    const after = this.#text.slice(end, end + 24)
    const named =
      /(?:status(?:[ _-]?code)?|httpStatusCode|http[ _-]?code|responseCode)["'\\]{0,4}\s{0,2}[:=(]?\s{0,2}["'\\(]{0,3}$/i.test(
        before,
      )
    const spoken =
      /(?:HTTP\/[\d.]{1,3}\s|HTTP\s|error: |returned |status: |error occurred \(|S3 error: )$/i.test(
        before,
      ) && !/^\s*(?:ms|s\b|bytes|KB|MB)/.test(after)
    const reasoned =
      /^[\s:-]{1,3}(?:Forbidden|Not Found|Unauthorized|Bad Request|Bad Gateway|Service Unavailable|Gateway Time|Internal Server|Too Many|Slow Down|Precondition|Length Required|Request(?:ed)? |Proxy Auth|Conflict|Payload|Method Not|Not Implemented|Insufficient Storage|Moved|Client Error|Server Error)/i.test(
        after,
      )
    const called = /^\) when calling/.test(after)
    if (named || spoken || reasoned) this.#add(`status:${status}`, start, end, called ? 0.6 : 0.35)
  }

  /** Five capitals and digits: a SQLSTATE, when it stands where one belongs. */
  #stateOf(words: Words, at: number): void {
    const start = words.starts[at] ?? 0
    if ((words.ends[at] ?? 0) - start === 5) this.#state(words, at, this.#text.slice(start, start + 5))
  }

  #state(words: Words, at: number, word: string): void {
    if (!/^[0-9A-Z]{5}$/.test(word) || !/\d/.test(word)) return
    const start = words.starts[at] ?? 0
    const alone = this.#text.length < 40 && this.#text.trim() === word
    if (
      !alone &&
      !/^(?:code|sqlstate|state|pgcode|error|fatal|panic|fehler|erreur|sql_state|errorcode)$/.test(
        this.#wordBefore(words, at) ?? '',
      )
    )
      return
    this.#add(`sqlstate:${word}`, start, start + 5, 0.92)
    this.#add(`sqlstate:${word.slice(0, 2)}`, start, start + 5, 0.7)
  }

  /** The id of a cause, where the registry itself writes it: `"cause":"disk-full"`, `reason: { id: 'disk-full' }`. */
  #causeId(end: number): void {
    const value =
      /^["'\\]{0,3}\s{0,3}[:=]\s{0,3}["'\\]{0,3}([a-z0-9]+(?:-[a-z0-9]+)+|aborted|deadlock|throttled)\b/.exec(
        this.#text.slice(end, end + 64),
      )
    const id = value?.[1]
    if (id === undefined || value === null || !causesById.has(id)) return
    const from = end + value[0].length - id.length
    this.#add(`registry:${id}`, from, from + id.length, 0.97)
  }

  /** The registry itself has said which cause it was. */
  #isNamed(): boolean {
    return [...this.#facts.keys()].some((key) => key.startsWith('registry:'))
  }

  #isFull(key: string): boolean {
    return (this.#facts.get(key)?.length ?? 0) >= MOST_OF_A_KIND
  }

  #isPort(words: Words, at: number): boolean {
    return this.#text[(words.starts[at] ?? 0) - 1] === ':' || this.#wordBefore(words, at) === 'port'
  }

  #standing(words: Words, first: number, last: number): Standing {
    const before = this.#wordBefore(words, first)
    if (before !== undefined && codeFields.has(before)) return 'field'
    const start = words.starts[first] ?? 0
    const end = words.ends[last] ?? 0
    const next = this.#text.slice(end, end + 24)
    if (
      /^\) when calling/.test(next) ||
      (/\[$/.test(this.#text.slice(start - 1, start)) && /^\]:?/.test(next))
    )
      return 'field'
    if (/^[)\]]/.test(next) && /[([]$/.test(this.#text.slice(start - 1, start))) return 'bracketed'
    return /^["'\\]{0,2}\s?:(?!\/)/.test(next) || /^\s?$/.test(next) ? 'head' : 'bare'
  }

  /** The word right in front, in lower case, where nothing but punctuation lies between. */
  #wordBefore(words: Words, at: number): string | undefined {
    if (at === 0) return undefined
    const end = words.ends[at - 1] ?? 0
    const between = withoutColours(this.#text.slice(end, words.starts[at]))
    if (between.length > 16 || !/^["'\\`\s]*[:=>([]?[\s"'\\`([-]*["'\\`]*$/.test(between)) return undefined
    return this.#text.slice(words.starts[at - 1], end).toLowerCase()
  }
}

/** Names of fields that hold a code. */
const codeFields: ReadonlySet<string> = new Set([
  ...[
    'code',
    'name',
    'errorcode',
    'error_code',
    'sqlstate',
    'sqlstatecode',
    'pgcode',
    'errno',
    'type',
    'error',
  ],
  ...['err', 'awserrorcode', 'errcode', 'kind', 'exception'],
])

function commonErrno(name: string): number {
  return /^(?:ENOENT|EACCES|EPERM|EEXIST|EISDIR|ENOTDIR)$/.test(name) ? 0.3 : 0.58
}

/** Colours stand between a field and its value in the output of a terminal. */
function withoutColours(text: string): string {
  return text.includes(ESCAPE)
    ? text
        .split(ESCAPE)
        .map((part, index) => (index === 0 ? part : part.replace(/^\[[\d;]*m/, '')))
        .join('')
    : text
}

function isCapital(code: number): boolean {
  return code >= 0x41 && code <= 0x5a
}
