import { accuracyOf, type LabelledText, readCorpus } from '../src/diagnosis/corpus.testing.ts'
import { bundledSize } from './diagnosis/bundled-size.ts'
import { logOf } from './diagnosis/log.ts'
import { type Row, report } from './support/report.ts'
import { median } from './support/statistics.ts'

const dist = new URL('../dist/diagnosis/', import.meta.url)
const { diagnoseText, searchCatalog }: typeof import('../src/diagnosis/index.js') = await import(
  `${dist}index.js`
)

const KB = 1024
const MB = 1024 * KB
const corpus = readCorpus(new URL('../test/corpus/diagnosis/', import.meta.url))

report('diagnosis', [
  ...accuracyRows('all texts', corpus),
  ...accuracyRows(
    'held-out texts',
    corpus.filter(({ heldOut }) => heldOut),
  ),
  timeRow('64 KB of log', logOf(corpus, 64 * KB), 101, 10),
  timeRow('10 MB of log', logOf(corpus, 10 * MB), 7, 1000),
  ...['SlowDown', 's3 uplod', 'password authentication failed', 'conection refused'].map(searchRow),
  below('errors, diagnosis and search for a browser', 'kB gzipped', (await bundledSize()) / 1000, 60),
])

function accuracyRows(which: string, texts: readonly LabelledText[]): Row[] {
  const {
    texts: failures,
    codeRight,
    causeRight,
    foreign,
    claimed,
    mistakes,
  } = accuracyOf(texts, ({ text, operation }) => diagnoseText(text, { operation }))
  for (const { name, wanted, got } of mistakes)
    console.error(`${which}: ${name} is ${wanted}, taken for ${got}`)
  return [
    above(`${which} (${failures}): code right`, '%', (100 * codeRight) / failures, 97),
    above(`${which} (${failures}): cause right`, '%', (100 * causeRight) / failures, 92),
    below(`${which} (${foreign} foreign): claimed`, '%', (100 * claimed) / foreign, 3),
  ]
}

function timeRow(what: string, text: string, rounds: number, target: number): Row {
  return below(`diagnoseText, ${what}`, 'ms', median(timesOf(() => diagnoseText(text), rounds)), target)
}

function searchRow(query: string): Row {
  return below(`searchCatalog('${query}')`, 'ms', median(timesOf(() => searchCatalog(query), 201)), 1)
}

function timesOf(run: () => unknown, rounds: number): number[] {
  run()
  return Array.from({ length: rounds }, () => {
    const start = performance.now()
    run()
    return performance.now() - start
  })
}

function above(title: string, unit: string, value: number, target: number): Row {
  return { case: title, unit, value, target, ok: value >= target }
}

function below(title: string, unit: string, value: number, target: number): Row {
  return { case: title, unit, value, target, ok: value <= target }
}
