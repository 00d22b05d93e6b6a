/** A web stream over pieces that come one by one; nothing is read before somebody asks. Cancelling ends the source. */
export function toWebStream(open: () => Promise<AsyncIterable<Uint8Array>>): ReadableStream<Uint8Array> {
  let pieces: AsyncIterator<Uint8Array> | undefined
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        pieces ??= (await open())[Symbol.asyncIterator]()
        const { done, value } = await pieces.next()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      async cancel() {
        await pieces?.return?.()
      },
    },
    // Each piece is large already; a queue of them would only hold memory.
    { highWaterMark: 0 },
  )
}
