import { piecesOf } from './web-stream.js'

/** A page of 1,000 versions with all that each may have is below this; a file never comes this way. */
const MOST_BYTES = 64 * 1024 * 1024

/** The text of an answer, which a server could send without end. @throws RangeError past 64 MiB */
export async function boundedText(response: Response): Promise<string> {
  if (response.body === null) return ''
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for await (const piece of piecesOf(response.body)) {
    bytes += piece.length
    if (bytes > MOST_BYTES) throw new RangeError(`the answer is longer than ${MOST_BYTES} bytes`)
    text += decoder.decode(piece, { stream: true })
  }
  return text + decoder.decode()
}
