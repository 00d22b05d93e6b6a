import { describe, expect, it } from 'vitest'
import { causesById } from '../errors/catalog.js'
import { unknownCause } from '../errors/causes/unknown.js'
import { accuracyOf, type LabelledText, readCorpus } from './corpus.testing.js'
import { diagnoseText } from './diagnose-text.js'

const corpus = readCorpus(new URL('../../test/corpus/diagnosis/', import.meta.url))
const measure = (texts: readonly LabelledText[]) =>
  accuracyOf(texts, ({ text, operation }) => diagnoseText(text, { operation }))

describe('the corpus', () => {
  it('has enough texts of every kind, each with a name of its own and answers that exist', () => {
    expect(new Set(corpus.map(({ name }) => name)).size).toBe(corpus.length)
    expect(corpus.filter(({ answers }) => answers.length > 0).length).toBeGreaterThanOrEqual(300)
    expect(corpus.filter(({ answers }) => answers.length === 0).length).toBeGreaterThanOrEqual(40)
    const known = [...causesById.keys(), unknownCause.id]
    for (const { answers } of corpus)
      for (const answer of answers) expect(known, answer).toContain(answer.split('/')[1])
  })
})

describe.each([
  ['all texts', corpus],
  ['the texts that were held out', corpus.filter(({ heldOut }) => heldOut)],
])('diagnoseText on %s', (_which, texts) => {
  const { texts: failures, codeRight, causeRight, foreign, claimed } = measure(texts)

  it('gives the right code in at least 97 of 100', () => {
    expect(codeRight / failures).toBeGreaterThanOrEqual(0.97)
  })

  it('gives the right cause in at least 92 of 100', () => {
    expect(causeRight / failures).toBeGreaterThanOrEqual(0.92)
  })

  it('claims at most 3 of 100 texts that are no failure of a registry', () => {
    expect(claimed / foreign).toBeLessThanOrEqual(0.03)
  })
})
