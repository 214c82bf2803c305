// Callers that keep the local engine busy, and what each of them got.
import { readServerEvents } from '../../src/http/server-events.ts'

export type Outcome = {
  /** Milliseconds of performance.now(). */
  readonly startedAt: number
  readonly endedAt: number
  readonly deadlineMs: number
  /** What ended it: an answer, an error of the catalogue as Switch promises it, or anything else. */
  readonly ending: 'answer' | 'clean error' | 'broken'
  /** The error's code, or what is broken. */
  readonly code: string | undefined
}

type Body = { code?: string, finish_reason?: string, source?: string }
type Ending = Pick<Outcome, 'ending' | 'code'>

/** A caller gives up so long after its deadline: then it counts as held up for ever. */
const patienceMs = 5000
/** A pause after an error, as a caller makes that is told to come again. */
const pauseMs = 50

const prompts = ['Count from 1 to 99.', 'Tell me a story about a fox.', `Repeat after me: ${'red '.repeat(200)}`, 'What is the capital of France?']

/** Starts `callers`, each asking again and again. Call the result to let them finish what they have begun. */
export function startLoad(url: string, callers: number): () => Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  const over = new AbortController()
  const caller = async (index: number) => {
    for (let turn = index; !over.signal.aborted; turn++) {
      const outcome = await ask(url, prompts[turn % prompts.length]!, (5 + index % 6) * 1000, turn % 3 !== 0)
      outcomes.push(outcome)
      if (outcome.ending !== 'answer') await new Promise((resolve) => { setTimeout(resolve, pauseMs) })
    }
  }
  const all = Array.from({ length: callers }, (_, index) => caller(index))
  return async () => {
    over.abort()
    await Promise.all(all)
    return outcomes
  }
}

async function ask(url: string, prompt: string, deadlineMs: number, stream: boolean): Promise<Outcome> {
  const startedAt = performance.now()
  const ending = await read(url, { prompt, stream, temperature: 0, max_tokens: 64, timeout_seconds: deadlineMs / 1000 }, AbortSignal.timeout(deadlineMs + patienceMs))
    .catch((error: Error) => broken(error.message))
  return { startedAt, endedAt: performance.now(), deadlineMs, ...ending }
}

async function read(url: string, body: object, signal: AbortSignal): Promise<Ending> {
  const response = await fetch(`${url}/switch/infer`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body), signal })
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) return judgeBody(await response.json() as Body, response.status)
  for await (const { event, data } of readServerEvents(response.body!)) {
    if (event !== 'delta') return judgeBody(data as Body, event === 'done' ? 200 : 503)
  }
  return broken('the stream ended without done and without error')
}

function judgeBody({ code, finish_reason: finish, source }: Body, status: number): Ending {
  if (status === 200 && finish !== undefined && source === 'local_hermes') return { ending: 'answer', code: undefined }
  return status === 503 && code?.startsWith('SWITCH_') ? { ending: 'clean error', code } : broken(`status ${status}, ${code}`)
}

function broken(code: string): Ending {
  return { ending: 'broken', code }
}
