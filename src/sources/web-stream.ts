/**
 * A web stream over pieces that come one by one; nothing is opened or read before somebody asks. Cancelling ends the
 * source.
 */
export function toWebStream(
  open: () => AsyncIterable<Uint8Array> | Promise<AsyncIterable<Uint8Array>>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let pieces: AsyncIterator<Uint8Array> | undefined
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        pieces ??= (await open())[Symbol.asyncIterator]()
        const { done, value } = await pieces.next()
        if (done) controller.close()
        else controller.enqueue(owned(value))
      },
      async cancel() {
        await pieces?.return?.()
      },
    },
    // Each piece is large already; a queue of them would only hold memory.
    { highWaterMark: 0 },
  )
}

/** The types of streams know only bytes that no other thread can write to. */
function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = bytes
  return buffer instanceof ArrayBuffer
    ? new Uint8Array(buffer, byteOffset, byteLength)
    : new Uint8Array(bytes)
}
