/** A success that lacks what S3 always answers: it comes from something else, such as a proxy with a page of its own. */
export class NotAnS3Answer extends Error {
  override readonly name = 'NotAnS3Answer'

  constructor(missing: string) {
    super(`The answer says that it succeeded and has no ${missing}, so it does not come from an S3 store.`)
  }
}

/** The answer, with a field that S3 never leaves out. @throws NotAnS3Answer */
export function required<T extends object, K extends keyof T & string>(
  answer: T,
  name: K,
): T & { readonly [N in K]-?: NonNullable<T[N]> } {
  if (has(answer, name)) return answer
  throw new NotAnS3Answer(name)
}

function has<T extends object, K extends keyof T>(
  answer: T,
  name: K,
): answer is T & { readonly [N in K]-?: NonNullable<T[N]> } {
  return answer[name] !== undefined && answer[name] !== null
}
