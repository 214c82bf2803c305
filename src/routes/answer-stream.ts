// Runs one inference into a stream of Server-Sent Events.
import { toSwitchError } from '../http/error-rendering.ts'
import { EventStream } from '../http/sse.ts'
import type { ServerEvent } from '../http/sse.ts'
import type { ChainEvent } from '../inference/chain-call.ts'
import type { SwitchError } from '../inference/errors.ts'
import { CallerGone } from '../inference/failure.ts'
import type { InferenceResult, RunningInference } from '../inference/inference.ts'
import type { RequestObserver } from '../inference/observer.ts'
import type { Answer } from './answer.ts'
import type { AnswerForm } from './answer-form.ts'

export type AnswerStreamOptions = {
  readonly inference: RunningInference
  readonly answer: Answer
  readonly form: AnswerForm
  readonly requestId: string
  readonly observer?: RequestObserver | undefined
  /** Called when the stream has ended, before its last events are sent. */
  readonly onEnd: (outcome: { result?: InferenceResult, error?: SwitchError }) => void
}

/**
 * Resolves when there is something to send.
 * @throws what happens before the first delta; later errors become the stream's last event
 */
export function streamAnswer({ inference, answer, form, requestId, observer, onEnd }: AnswerStreamOptions): Promise<EventStream> {
  const stream = new EventStream()
  const started = Promise.withResolvers<EventStream>()
  let hasStarted = false
  const start = () => {
    if (hasStarted) return
    hasStarted = true
    started.resolve(stream)
    writeAll(stream, form.begin?.() ?? [])
  }
  const emit = (event: ChainEvent) => {
    answer.add(event)
    if (event.type === 'restart') return undefined
    start()
    return writeAll(stream, form.delta(event))
  }
  const toTheEnd = async () => {
    const result = await inference.run(emit, observer)
    onEnd({ result })
    start()
    stream.end(form.end(answer, result), form.endMark)
  }
  toTheEnd().catch((error: Error) => {
    if (!hasStarted) return started.reject(error)
    if (error instanceof CallerGone) {
      onEnd({})
      return stream.destroy()
    }
    const known = toSwitchError(error)
    onEnd({ error: known })
    return stream.end(form.fail(known, requestId))
  })
  return started.promise
}

/** The promise of the last one stands for all: they go through one buffer. */
function writeAll(stream: EventStream, events: readonly ServerEvent[]): Promise<void> | undefined {
  let behind: Promise<void> | undefined
  for (const event of events) behind = stream.write(event)
  return behind
}
