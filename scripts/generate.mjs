import { runTool } from './run.mjs'
import { script } from './script.mjs'

// Writes anew what is made from the sources and kept in the repository. The same tests fail, when they are run without
// being told to write, where one of these files is not what would be made.
const MADE_BY = [
  'src/errors/pages/generated.test.ts',
  'src/cli/reference.test.ts',
  'src/server/http-api-page.test.ts',
  'src/adapters/metadata/migrations/supabase.test.ts',
]

await script(() => {
  process.env.UPDATE = '1'
  return runTool('vitest', 'vitest', ['run', ...MADE_BY, '--update=all'])
})
