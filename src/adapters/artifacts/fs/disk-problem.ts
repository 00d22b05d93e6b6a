/** What a system call would have said, found by looking before the call; `code` as Node names it. */
export class DiskProblem extends Error {
  override readonly name = 'DiskProblem'
  readonly code: 'EBUSY' | 'EEXIST' | 'EISDIR' | 'ELOOP' | 'ENOENT' | 'ENOTDIR'
  readonly path: string

  constructor(code: DiskProblem['code'], path: string, text: string) {
    super(`${code}: ${text}, '${path}'`)
    this.code = code
    this.path = path
  }
}

/** Whether the error is a system's and has one of the codes. */
export function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.some((code) => code === error.code)
}
