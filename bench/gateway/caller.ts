// The callers of a gateway: so many at once, each asking again when it has its answer.
import { Pool } from 'undici'

export type Call = { readonly path: string, readonly headers: Record<string, string>, readonly body: string, /** A whole answer has it. */ readonly has: string }

/** Runs for `ms`, then lets the last answers come. @returns how many answers came */
export async function callFor(url: string, call: Call, { concurrency, ms }: { concurrency: number, ms: number }): Promise<number> {
  const pool = new Pool(url, { connections: concurrency })
  const endsAt = performance.now() + ms
  let answers = 0
  try {
    await Promise.all(Array.from({ length: concurrency }, async () => {
      while (performance.now() < endsAt) {
        await ask(pool, call)
        answers++
      }
    }))
  } finally {
    await pool.destroy()
  }
  return answers
}

async function ask(pool: Pool, { path, headers, body, has }: Call): Promise<void> {
  const reply = await pool.request({ method: 'POST', path, headers: { 'content-type': 'application/json', ...headers }, body })
  const answer = await reply.body.text()
  if (reply.statusCode !== 200 || !answer.includes(has)) throw new Error(`${path} answered ${reply.statusCode} without ${has}: ${answer.slice(0, 300)}`)
}
