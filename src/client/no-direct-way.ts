/** The server is to be asked to take the file; the message says why, where something failed. */
export class NoDirectWay extends Error {
  override readonly name = 'NoDirectWay'
}
