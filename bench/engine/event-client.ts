// Reads a stream of Server-Sent Events and notes when each arrived.
import type { Pool } from 'undici'

export type Arrival = (data: Record<string, unknown>, at: number) => void

const prefix = 'data: '

/** For ASCII alone, which is all that the models of the benchmark say. Resolves at the end of the stream. @throws on another status than 200, or the reason of `signal` */
export async function readEvents(pool: Pool, path: string, body: object, signal: AbortSignal | undefined, arrived: Arrival): Promise<void> {
  const reply = await pool.request({ method: 'POST', path, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body), signal: signal ?? null })
  if (reply.statusCode !== 200) throw new Error(`${path} answered ${reply.statusCode}: ${(await reply.body.text()).slice(0, 500)}`)
  let rest = ''
  for await (const bytes of reply.body as AsyncIterable<Buffer>) {
    const at = performance.now()
    const lines = (rest + bytes.toString('latin1')).split('\n')
    rest = lines.pop()!
    for (const line of lines) if (line.startsWith(prefix)) arrived(JSON.parse(line.slice(prefix.length)) as Record<string, unknown>, at)
  }
}
