// What each caller of npm run bench:soak does: asks and reads on, hangs up, is in too much of a hurry, or asks wrongly.
import { longest, questions, tooLong } from './questions.ts'
import type { Message, Question } from './questions.ts'
import { pick, seededRandom } from './random.ts'

/** When a caller hangs up: so soon that most still wait, within a long prompt, or after so many deltas. */
export type HangUp = { readonly when: 'waiting' | 'prompt', readonly afterMs: number } | { readonly when: 'decoding', readonly afterDeltas: number }

export type Call = {
  readonly messages: readonly Message[]
  readonly isStreamed: boolean
  readonly fields: Readonly<Record<string, unknown>>
} & (
  | { readonly fate: 'answer', readonly question: Question }
  | { readonly fate: 'hang up', readonly question: Question, readonly hangUp: HangUp }
  | { readonly fate: 'deadline', readonly question: Question }
  /** Refused with this code. */
  | { readonly fate: 'refused', readonly code: string }
)

/** Calls that belong to one caller and go one after the other: a conversation, or one call. */
export type Task = readonly Call[]

const longPrompts = questions.filter(({ length }) => length === 'long prompt')
const conversations = [...Map.groupBy(questions.filter(({ sessionId }) => sessionId !== undefined), ({ sessionId }) => sessionId).values()].filter(({ length }) => length > 1)

/** Tasks of `requests` calls in all, the same in every run. */
export function plan(requests: number): Task[] {
  const random = seededRandom(1)
  const tasks: Task[] = []
  let left = requests
  while (left > 0) {
    const task = nextTask(random, `caller ${tasks.length}`).slice(0, left)
    tasks.push(task)
    left -= task.length
  }
  return tasks
}

/** The shares add up to a fifth that hangs up, a tenth that fails for other reasons, and the rest that reads its answer. */
function nextTask(random: () => number, caller: string): Task {
  const share = random()
  if (share < 0.06) return pick(conversations, random).map((question) => reading(question, random, { session_id: caller }))
  const isStreamed = random() < 0.5
  if (share < 0.31) return [hangingUp(random, isStreamed)]
  if (share < 0.36) return [{ fate: 'deadline', question: longest, messages: longest.messages, isStreamed, fields: { timeout_seconds: 0.1 } }]
  if (share < 0.4) return [{ fate: 'refused', code: 'SWITCH_REQUEST_CONTEXT_EXCEEDED', messages: tooLong, isStreamed, fields: {} }]
  if (share < 0.44) return [{ fate: 'refused', code: 'SWITCH_REQUEST_INVALID', messages: longest.messages, isStreamed, fields: { temperature: 9 } }]
  return [reading(pick(questions, random), random)]
}

function reading(question: Question, random: () => number, fields = random() < 0.3 ? { session_id: question.name } : {}): Call {
  return { fate: 'answer', question, messages: question.messages, isStreamed: random() < 0.5, fields }
}

function hangingUp(random: () => number, isStreamed: boolean): Call {
  const when = pick(['waiting', 'prompt', 'decoding'] as const, random)
  const question = when === 'prompt' ? pick(longPrompts, random) : longest
  const common = { fate: 'hang up' as const, question, messages: question.messages, fields: {} }
  if (when === 'decoding') return { ...common, isStreamed: true, hangUp: { when, afterDeltas: 1 + Math.floor(random() * 15) } }
  return { ...common, isStreamed, hangUp: { when, afterMs: Math.floor(random() * (when === 'waiting' ? 10 : 150)) } }
}
