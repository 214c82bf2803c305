// The reply of a server in OpenAI's form to GET /models, as far as the checks read it.
import type { Transport } from '../backends/openai/transport.ts'

export type RemoteReply = {
  readonly status: number
  readonly body: string
  /** The server's clock, as its header says it. */
  readonly date: string | undefined
  readonly durationMs: number
}

const longestBytes = 4 * 1024 * 1024

/** What is longer is cut. @throws whatever the connection throws, also when `signal` aborts */
export async function askForModels(transport: Transport, signal: AbortSignal): Promise<RemoteReply> {
  const startedAt = performance.now()
  const { statusCode: status, headers, body } = await transport.get('/models', signal)
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of body as AsyncIterable<Buffer>) {
    parts.push(part)
    bytes += part.length
    if (bytes > longestBytes) break
  }
  const { date } = headers
  return { status, body: Buffer.concat(parts).toString(), date: typeof date === 'string' ? date : undefined, durationMs: Math.round(performance.now() - startedAt) }
}
