import { execFile } from 'node:child_process'

/** Runs a program to its end. @throws the error of `execFile`, with the last of what the program wrote on stderr. */
export function runCommand(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { env: { ...process.env, ...env }, timeout: 600_000, maxBuffer: 16 * 1024 * 1024 }
    execFile(program, [...args], options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else
        reject(new Error(`${program} ${args[0] ?? ''} failed: ${stderr.trim().slice(-500) || error.message}`))
    })
  })
}
