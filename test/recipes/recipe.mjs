import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [, , folder] = process.argv

/** The module that a block of a recipe is, such as `log-and-report-1`. */
export const recipe = (name) => import(pathToFileURL(join(folder, `${name}.ts`)).href)

export const metadata = {
  modelId: 'line',
  version: '1.0.0',
  modelType: 'neural',
  inputShape: [1],
  outputShape: [1],
}
