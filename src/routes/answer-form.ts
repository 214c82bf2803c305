// The wire form of an answer: how one route writes what the inference gives. Types and comments only.
import type { ServerEvent } from '../http/sse.ts'
import type { SwitchError } from '../inference/errors.ts'
import type { InferenceResult } from '../inference/inference.ts'
import type { Delta } from '../inference/request.ts'
import type { Answer } from './answer.ts'

/** Made anew for each request, so it may keep state between the events of a stream. */
export interface AnswerForm {
  /** The JSON body of a complete answer. */
  whole(answer: Answer, result: InferenceResult): object
  /** Events before the first delta. They are sent together with it: until then an error is an ordinary reply. */
  begin?(): readonly ServerEvent[]
  /** Events of one delta, in order. */
  delta(delta: Delta): readonly ServerEvent[]
  /** Events after the last delta of a complete answer. */
  end(answer: Answer, result: InferenceResult): readonly ServerEvent[]
  /** A last line that is no JSON, behind the events of `end`: `[DONE]`. */
  readonly endMark?: string
  /** Events that end a stream which failed after its first delta. */
  fail(error: SwitchError, requestId: string): readonly ServerEvent[]
}
