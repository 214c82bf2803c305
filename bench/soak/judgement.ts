// What a reply of npm run bench:soak proves: whose answer it is, and whether it is the one that the model gives alone.
import type { Reply } from './caller.ts'
import type { Call } from './plan.ts'
import { questions } from './questions.ts'

export type Judgement = {
  /** As planned: answered, left, out of time or refused. */
  readonly isAsPlanned: boolean
  /** Only of replies with text: all of the answer, or the beginning of it, is what the model says alone. */
  readonly isExact: boolean | undefined
  /** Somebody else's words, or not its own. */
  readonly isCrossTalk: boolean
}

export function judgeReply(call: Call, reply: Reply, cold: ReadonlyMap<string, string>): Judgement {
  const isAsPlanned = isPlanned(call, reply)
  if (call.fate === 'refused' || reply.text === '') return { isAsPlanned, isExact: undefined, isCrossTalk: false }
  const alone = cold.get(call.question.name)!
  const isWhole = reply.ending === 'done'
  const isForeign = questions.some(({ mark }) => reply.text.includes(mark) && !alone.includes(mark))
  return {
    isAsPlanned,
    isExact: isWhole ? reply.text === alone : alone.startsWith(reply.text),
    isCrossTalk: isForeign || (isWhole && !reply.text.includes(call.question.mark))
  }
}

/** Who is in a hurry may still be served in time. */
function isPlanned(call: Call, { ending, code }: Reply): boolean {
  switch (call.fate) {
    case 'answer': return ending === 'done'
    case 'hang up': return ending === 'left' || ending === 'done'
    case 'deadline': return ending === 'done' || (ending === 'error' && (code === 'SWITCH_DEADLINE_EXCEEDED' || code === 'SWITCH_STREAM_INTERRUPTED'))
    case 'refused': return ending === 'error' && code === call.code
  }
}
