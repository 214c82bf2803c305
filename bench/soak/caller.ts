// One request of npm run bench:soak, read to its end or left early.
import { readServerEvents } from '../../src/http/server-events.ts'
import type { Call, HangUp } from './plan.ts'

export type Reply = {
  /** All of it, or what had come before the caller left. */
  readonly text: string
  /** How it ended. `broken`: in no way that Switch promises. */
  readonly ending: 'done' | 'left' | 'error' | 'broken'
  /** The error's, or what is broken. */
  readonly code: string | undefined
}

type Body = { response?: string, code?: string, finish_reason?: string }

/** What nobody waits for longer is counted as broken: the service's own deadline is 30 s. */
const patienceMs = 40_000

export async function call(url: string, { messages, isStreamed, fields, ...fate }: Call): Promise<Reply> {
  const leaving = new AbortController()
  const patience = setTimeout(() => leaving.abort(new Error(`no end within ${patienceMs / 1000} s`)), patienceMs)
  const hangUp = fate.fate === 'hang up' ? fate.hangUp : undefined
  const reader = new Reader(leaving, hangUp)
  try {
    const body = JSON.stringify({ messages, temperature: 0, stream: isStreamed, ...fields })
    const response = await fetch(`${url}/switch/infer`, { method: 'POST', headers: { 'content-type': 'application/json' }, body, signal: leaving.signal })
    return await reader.read(response)
  } catch (error) {
    return { text: reader.text, ending: reader.hasLeft ? 'left' : 'broken', code: (error as Error).message }
  } finally {
    clearTimeout(patience)
    reader.stop()
  }
}

/** Reads a reply and hangs up when it is time to. */
class Reader {
  text = ''
  hasLeft = false
  readonly #leaving: AbortController
  readonly #afterDeltas: number
  readonly #timer: NodeJS.Timeout | undefined

  constructor(leaving: AbortController, hangUp: HangUp | undefined) {
    this.#leaving = leaving
    this.#afterDeltas = hangUp?.when === 'decoding' ? hangUp.afterDeltas : Infinity
    this.#timer = hangUp === undefined || hangUp.when === 'decoding' ? undefined : setTimeout(() => this.#leave(), hangUp.afterMs)
  }

  async read(response: Response): Promise<Reply> {
    if (!response.headers.get('content-type')?.startsWith('text/event-stream')) return this.#end(await response.json() as Body, response.ok)
    let deltas = 0
    for await (const { event, data } of readServerEvents(response.body!)) {
      if (event !== 'delta') return this.#end(data as Body, event === 'done')
      this.text += (data as { text: string }).text
      if (++deltas >= this.#afterDeltas) this.#leave()
    }
    return { text: this.text, ending: this.hasLeft ? 'left' : 'broken', code: 'the stream ended without done and without error' }
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  #leave(): void {
    this.hasLeft = true
    this.#leaving.abort()
  }

  #end({ response, code, finish_reason: finish }: Body, isDone: boolean): Reply {
    if (!isDone) return { text: this.text, ending: code?.startsWith('SWITCH_') ? 'error' : 'broken', code }
    const isWhole = finish !== undefined && response !== undefined && (this.text === '' || this.text === response)
    return { text: response ?? '', ending: isWhole ? 'done' : 'broken', code: isWhole ? undefined : 'the deltas are not the response' }
  }
}
