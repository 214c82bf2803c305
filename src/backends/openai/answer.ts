// One answer in the making: what the server's chunks mean as events.
import type { EventQueue } from './event-queue.ts'
import type { Failures } from './failures.ts'
import { finishOf } from './finish-reason.ts'
import { logprobEntries } from './logprobs.ts'
import { errorIn } from './provider-error.ts'
import { ToolCalls } from './tool-calls.ts'
import { usageOf } from './usage.ts'
import { isWire } from './wire.ts'
import type { Wire } from './wire.ts'
import type { FinishReason, Usage } from '../../inference/request.ts'

export class Answer {
  readonly #failures: Failures
  readonly #events: EventQueue
  readonly #toolCalls: ToolCalls
  #usage: Usage | undefined
  #finish: FinishReason | undefined
  #hasGiven = false
  #hasFinalUsage = false
  /** Of tokens whose text is still to come: a character may be made of several. */
  #logprobs: unknown[] = []

  constructor(failures: Failures, events: EventQueue) {
    this.#failures = failures
    this.#events = events
    this.#toolCalls = new ToolCalls(failures)
  }

  /** The server has said why it ended. */
  get isFinished(): boolean {
    return this.#finish !== undefined
  }

  /** Nothing of use can follow. */
  get isWhole(): boolean {
    return this.#finish !== undefined && this.#hasFinalUsage
  }

  /**
   * A chunk of a stream, or a whole completion, which differs by `message` instead of `delta`. Plain completions have neither: their text is in the choice.
   * @throws BackendError when it is or holds an error
   */
  take(chunk: Wire): void {
    const error = errorIn(chunk)
    if (error) throw this.#failures.provider(error)
    const choice: unknown = Array.isArray(chunk['choices']) ? chunk['choices'][0] : undefined
    if (isWire(choice)) this.#takeChoice(choice)
    this.#takeUsage(chunk['usage'])
  }

  get hasToolCalls(): boolean {
    return !this.#toolCalls.isEmpty
  }

  /** Counts when the server has not said why it ended. */
  assumeFinish(reason: FinishReason): void {
    this.#finish ??= reason
  }

  /**
   * Gives out what is left, and the finish.
   * @throws BackendError when it is no answer
   */
  complete(): void {
    if (this.#finish === undefined) throw this.#failures.of('stream_cut', 'ended its answer without a finish.')
    const calls = this.#toolCalls.complete()
    if (calls.length === 0 && !this.#hasGiven) throw this.#failures.of('empty_answer', 'finished without any text.')
    for (const call of calls) this.#events.push({ type: 'tool-call', call })
    if (this.#usage) this.#events.push({ type: 'usage', usage: this.#usage })
    this.#events.push({ type: 'finish', reason: this.#finishReason(this.#finish, calls.length > 0) })
    this.#events.end()
  }

  #takeChoice(choice: Wire): void {
    const delta = choice['delta'] ?? choice['message']
    this.#logprobs.push(...logprobEntries(choice['logprobs']))
    if (isWire(delta)) this.#takeDelta(delta)
    else this.#giveText(choice['text'])
    const finish = finishOf(choice['finish_reason'])
    if (finish === 'content_filter') throw this.#failures.of('content_filtered', 'stopped the answer with its content filter.')
    if (finish === 'error') throw this.#failures.of('server_error', 'broke off its answer with an error.')
    this.#finish = finish ?? this.#finish
  }

  #takeDelta(delta: Wire): void {
    const reasoning = delta['reasoning_content'] ?? delta['reasoning']
    this.#giveReasoning(reasoning)
    this.#giveText(delta['content'])
    // The model's own refusal stands where its text would.
    this.#giveText(delta['refusal'])
    if (Array.isArray(delta['tool_calls'])) this.#toolCalls.take(delta['tool_calls'])
    // Tokens of thoughts and calls belong to no text.
    if (reasoning || delta['tool_calls']) this.#logprobs = []
  }

  #giveReasoning(text: unknown): void {
    if (typeof text !== 'string' || text === '') return
    this.#hasGiven = true
    this.#events.pushReasoning(text)
  }

  #giveText(text: unknown): void {
    if (typeof text !== 'string' || text === '') return
    this.#hasGiven = true
    this.#events.pushText(text, this.#logprobs)
    this.#logprobs = []
  }

  /** The last one counts; one that came before the finish may be a running count. */
  #takeUsage(value: unknown): void {
    const usage = usageOf(value)
    if (usage === undefined) return
    this.#usage = usage
    this.#hasFinalUsage = this.isFinished
  }

  /** Gemini finishes function calls with stop; others say tool_calls and call nothing. */
  #finishReason(said: FinishReason, hasCalls: boolean): FinishReason {
    if (hasCalls) return 'tool_calls'
    return said === 'tool_calls' ? 'stop' : said
  }
}
