// One way to read a streamed answer, alone in a process, so that its CPU time can be told: openai, backend or undici.
import OpenAI from 'openai'
import { Pool } from 'undici'
import { OpenAiBackend } from '../../src/backends/openai/backend.ts'

export type Way = 'openai' | 'backend' | 'undici'

const messages = [{ role: 'user' as const, content: 'Count to sixty-four.' }]
const [way, url] = process.argv.slice(2) as [Way, string]

/** Reads one answer; gives the number of its characters. */
const readers: Record<Way, () => () => Promise<number>> = {
  openai: () => {
    const client = new OpenAI({ apiKey: 'x', baseURL: url, maxRetries: 0 })
    return async () => {
      let length = 0
      for await (const { choices } of await client.chat.completions.create({ model: 'fast', messages, stream: true, stream_options: { include_usage: true } })) length += choices[0]?.delta.content?.length ?? 0
      return length
    }
  },
  backend: () => {
    const backend = new OpenAiBackend({ name: 'openai', baseUrl: url, apiKey: 'x', model: 'fast', limits: { timeoutMs: undefined, firstTokenMs: undefined, idleMs: undefined }, maxConcurrent: 64 })
    return async () => {
      let length = 0
      for await (const event of backend.generate({ messages, stop: [] }, new AbortController().signal)) if (event.type === 'text') length += event.text.length
      return length
    }
  },
  // Bytes only: nothing is parsed.
  undici: () => {
    const { origin, pathname } = new URL(url)
    const pool = new Pool(origin)
    return async () => {
      let length = 0
      const { body } = await pool.request({ method: 'POST', path: `${pathname}/chat/completions`, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ model: 'fast', messages, stream: true }) })
      for await (const bytes of body) length += (bytes as Buffer).length
      return length
    }
  }
}

const read = readers[way]()
process.once('disconnect', () => process.exit())
process.on('message', async ({ concurrency, ms }: { concurrency: number, ms: number }) => {
  const before = process.cpuUsage()
  const endsAt = performance.now() + ms
  let requests = 0
  await Promise.all(Array.from({ length: concurrency }, async () => {
    while (performance.now() < endsAt) {
      if (await read() < 300) throw new Error(`${way} read an answer that is too short`)
      requests++
    }
  }))
  const { user, system } = process.cpuUsage(before)
  process.send!({ requests, cpuMs: (user + system) / 1000 })
})
process.send!({})
