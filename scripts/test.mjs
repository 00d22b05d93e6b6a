import { rmSync } from 'node:fs'
import { ensureDist } from './dist.mjs'
import { inProject, readJson, say } from './project.mjs'
import { runTool } from './run.mjs'
import { script } from './script.mjs'
import { Stop } from './stop.mjs'

// Runs the tests (arguments go to vitest) and prints what came of them as the last line: `N passed, N failed`.
await script(async (args) => {
  const { passed, failed, skipped } = (await distProblem()) ?? (await vitest(args))
  if (passed + failed === 0) say('No test ran.')
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
  return passed > 0 && failed === 0 ? 0 : 1
})

/** The end-to-end tests run what is in dist, so sources that do not compile are a failure of the whole run. */
async function distProblem() {
  try {
    await ensureDist()
    return undefined
  } catch (error) {
    if (!(error instanceof Stop)) throw error
    say(`No test was run. ${error.message}`)
    return { passed: 0, failed: 1, skipped: 0 }
  }
}

async function vitest(args) {
  const report = inProject('.cache', `vitest-${process.pid}.json`)
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  try {
    const code = await runTool('vitest', 'vitest', ['run', ...reporters, ...args], {
      stdio: ['ignore', 1, 2],
    })
    return count(readReport(report), code)
  } finally {
    rmSync(report, { force: true })
  }
}

function readReport(path) {
  try {
    return readJson(path)
  } catch {
    return { testResults: [], numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 }
  }
}

/** A file that could not be loaded is one failure, and so is an exit code that no failed test explains. */
function count(report, exitCode) {
  const unloaded = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  )
  const failed = report.numFailedTests + unloaded.length
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  }
}
