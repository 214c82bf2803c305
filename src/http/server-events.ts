// Reads the Server-Sent Events of Switch's own streams.

export type ReceivedEvent = { event: string, data: unknown }

/** The events of a stream, in order; comments are left out. Bytes may be cut anywhere. */
export async function* readServerEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ReceivedEvent> {
  let rest = ''
  for await (const piece of body.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + piece).split('\n\n')
    rest = blocks.pop()!
    yield* blocks.flatMap(parseBlock)
  }
}

function parseBlock(block: string): ReceivedEvent[] {
  const fields = new Map(block.split('\n').map((line) => {
    const [, name = '', value = ''] = /^(\w*): ?(.*)$/s.exec(line) ?? []
    return [name, value]
  }))
  const data = fields.get('data')
  return data === undefined ? [] : [{ event: fields.get('event') ?? 'message', data: JSON.parse(data) }]
}
