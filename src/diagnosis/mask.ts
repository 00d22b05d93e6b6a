import { MASK, redact } from '../errors/redact.js'

/** `scheme://anything@`: who signs in is masked too, since the text is somebody's own. */
const SIGN_IN = /\b([a-z][a-z0-9+.-]{1,30}:\/\/)[^\s/@"'<>]{1,512}@/gi

const EMAIL = /(?<![\w.%+-])[\w.%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![\w-])/g

/** Takes out of a text, or of a piece of one, whatever is secret or names a person. */
export function mask(text: string): string {
  return redact(text).replace(SIGN_IN, `$1${MASK}@`).replace(EMAIL, MASK)
}
