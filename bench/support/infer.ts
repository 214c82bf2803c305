// One POST /switch/infer, read to its last byte, and what is to be said of it.

export type Attempt = { readonly backend: string, readonly outcome: string, readonly reason: string | null }

export type Outcome = {
  /** From just before the request to its last byte. */
  readonly wallMs: number
  /** Of the backend that finished the answer; undefined when nobody did. */
  readonly source: string | undefined
  /** The error's, when there is no answer. */
  readonly code: string | undefined
  readonly attempts: readonly Attempt[]
}

type Reply = { source?: string, code?: string, finish_reason?: string, attempts?: Attempt[] }

/** Gives up `patienceMs` after the deadline; an answer that does not come at all has the code `none`. */
export async function infer(url: string, body: { timeout_seconds: number, stream?: boolean } & Record<string, unknown>, patienceMs = 10_000): Promise<Outcome> {
  const start = performance.now()
  const signal = AbortSignal.timeout(body.timeout_seconds * 1000 + patienceMs)
  try {
    const response = await fetch(`${url}/switch/infer`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body), signal })
    const text = await response.text()
    const wallMs = performance.now() - start
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') ?? false
    const reply = JSON.parse(isStream ? lastData(text) : text) as Reply
    const isAnswer = reply.finish_reason !== undefined
    return { wallMs, source: isAnswer ? reply.source : undefined, code: isAnswer ? undefined : reply.code, attempts: reply.attempts ?? attemptsOf(response.headers.get('x-switch-attempts')) }
  } catch (error) {
    return { wallMs: performance.now() - start, source: undefined, code: `none (${(error as Error).message})`, attempts: [] }
  }
}

function lastData(events: string): string {
  return events.slice(events.lastIndexOf('\ndata: ') + 7).trim()
}

/** For example `openai;failed;server_error, hermes;running`. */
function attemptsOf(header: string | null): Attempt[] {
  return (header ?? '').split(', ').filter((part) => part !== '').map((part) => {
    const [backend = '', outcome = '', reason = null] = part.split(';')
    return { backend, outcome, reason }
  })
}
