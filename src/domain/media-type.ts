export const MEDIA_TYPE_RULE = 'a media type such as text/plain or application/json, at most 255 characters'

/** RFC 9110, sections 5.6.2, 5.6.4 and 8.3.1; anything else could break out of a header. */
const TOKEN = "[!#$%&'*+.^_`|~\\w-]+"
const QUOTED = '"(?:[\\t \\x21\\x23-\\x5b\\x5d-\\x7e]|\\\\[\\t \\x21-\\x7e])*"'
const MEDIA_TYPE = new RegExp(`^${TOKEN}/${TOKEN}(?:[\\t ]*;(?:[\\t ]*${TOKEN}=(?:${TOKEN}|${QUOTED}))?)*$`)

export function isMediaType(text: string): boolean {
  return text.length <= 255 && MEDIA_TYPE.test(text)
}
