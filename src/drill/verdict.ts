// Judges what a caller got in a drill.
import type { Attempt } from '../inference/receipt.ts'
import type { DrillCase } from './cases.ts'

/** pass: as it should be. partial: an honest error where an answer was possible. fail: anything that a caller cannot trust. */
export type Verdict = { readonly result: 'pass' | 'partial' | 'fail', readonly why: string }

/** What came back for one request. */
export type Outcome = {
  readonly status: number
  /** The text that the caller has at the end, complete or not. */
  readonly text: string
  /** True when the answer says that it is complete. */
  readonly isComplete: boolean
  /** The backend that finished it. */
  readonly source: string | undefined
  readonly code: string | undefined
  readonly attempts: readonly Attempt[]
  readonly durationMs: number
}

export type Ground = {
  /** The upstream's whole answer. */
  readonly answer: string
  /** Its words before a fault in mid-stream. */
  readonly beginning: string
  /** True when the next backend's own answer is known to be the same text. */
  readonly isNextKnown: boolean
  readonly deadlineMs: number
  /** How often the upstream was asked. */
  readonly asked: number
  /** Connections to the upstream that were still open a moment later. */
  readonly open: number
  /** The backend under drill. */
  readonly source: string
}

/** More than this over the deadline is a miss. */
const toleranceMs = 100

const fail = (why: string): Verdict => ({ result: 'fail', why })

export function judge({ expected, mostAsked, hangs }: DrillCase, outcome: Outcome, ground: Ground): Verdict {
  const late = outcome.durationMs - ground.deadlineMs
  if (late > toleranceMs) return fail(`${Math.round(late)} ms over the deadline`)
  if (ground.asked > mostAsked) return fail(`the upstream was asked ${ground.asked} times, ${mostAsked} at most were right`)
  if (hangs && ground.open > 0) return fail('the connection to the upstream was left open')
  if (expected.answer === 'larger-context') return outcome.isComplete ? judgeAnswer('next', outcome, ground) : judgeRefusal('SWITCH_REQUEST_CONTEXT_EXCEEDED', outcome)
  if (expected.answer === 'refused') return judgeRefusal(expected.code, outcome)
  if (!outcome.isComplete) return outcome.code === undefined ? fail('the answer broke off without an error') : { result: 'partial', why: `an error: ${outcome.code}` }
  return judgeAnswer(expected.answer, outcome, ground)
}

function judgeRefusal(code: string, outcome: Outcome): Verdict {
  if (outcome.isComplete) return fail('answered what had to be refused')
  // A stream that has begun can only say it in its last event.
  const isTold = outcome.status === 400 || (outcome.status === 200 && outcome.text !== '')
  return outcome.code === code && isTold ? { result: 'pass', why: code } : { result: 'partial', why: `${outcome.status} ${outcome.code}` }
}

function judgeAnswer(answer: 'upstream' | 'next' | 'continued', { text, source }: Outcome, ground: Ground): Verdict {
  const isUpstream = source === ground.source
  if (text.trim() === '') return fail('an empty answer passed as complete')
  if (answer === 'upstream') {
    if (!isUpstream) return { result: 'partial', why: `answered by ${source}` }
    return text === ground.answer ? { result: 'pass', why: 'the whole answer' } : fail('words were lost or repeated')
  }
  if (isUpstream) return fail('a broken answer passed as complete')
  if (ground.isNextKnown && text !== ground.answer) return fail(answer === 'continued' ? 'the answer does not go on where it broke off' : 'the answer is not whole')
  if (answer === 'continued' && !(text.startsWith(ground.beginning) || ground.isNextKnown)) return { result: 'pass', why: `answered anew by ${source}` }
  return { result: 'pass', why: answer === 'continued' ? `went on at ${source}` : `answered by ${source}` }
}
