// What the lines of /api/chat and /api/generate mean: deltas as they come, then usage and finish, or why it is no complete answer.
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { BackendError } from '../../inference/failure.ts'
import type { FinishReason, InferenceEvent, ToolCall } from '../../inference/request.ts'
import { protocolFailure, streamedFailure } from './failures.ts'
import type { OllamaServer } from './server.ts'

const wireCall = z.object({ id: z.string().nullish(), function: z.object({ name: z.string(), arguments: z.unknown().optional() }) })

const wireToken = z.object({ token: z.string(), logprob: z.number(), bytes: z.array(z.int()).nullish().transform((bytes) => bytes ?? null) })
/** As OpenAI's entries are, which leave nothing out. */
const wireLogprob = wireToken.extend({ top_logprobs: z.array(wireToken).nullish().transform((others) => others ?? []) })

/** Go leaves zero values out, so nearly everything may be missing; the last line may carry text too. */
const wireLine = z.object({
  error: z.unknown().optional(),
  /** The text of /api/generate; a chat has a message. */
  response: z.string().nullish(),
  thinking: z.string().nullish(),
  logprobs: z.array(wireLogprob).nullish().catch(undefined),
  message: z.object({ content: z.string().nullish(), thinking: z.string().nullish(), tool_calls: z.array(wireCall).nullish() }).nullish(),
  done: z.boolean().nullish(),
  done_reason: z.string().nullish(),
  prompt_eval_count: z.int().nonnegative().nullish().catch(undefined),
  eval_count: z.int().nonnegative().nullish().catch(undefined)
})

type WireLine = z.infer<typeof wireLine>

/** A line may be damaged once; a second one means that this is no Ollama. */
const tolerated = 1

/**
 * The events of an answer; ends at its last line without waiting for the connection.
 * @param isSingleCall calls behind the first are left out
 */
export async function* readReply(lines: AsyncIterable<string>, server: OllamaServer, isSingleCall: boolean): AsyncGenerator<InferenceEvent, void> {
  const reply = new Reply(server, isSingleCall)
  for await (const line of lines) {
    yield* reply.read(line)
    if (reply.isDone) return
  }
  throw reply.cut()
}

class Reply {
  isDone = false
  readonly #server: OllamaServer
  readonly #isSingleCall: boolean
  #malformed = 0
  #understood = 0
  #hasOutput = false
  #hasCalls = false

  constructor(server: OllamaServer, isSingleCall: boolean) {
    this.#server = server
    this.#isSingleCall = isSingleCall
  }

  *read(text: string): Generator<InferenceEvent, void> {
    const line = parseLine(text)
    if (line === undefined) {
      if (++this.#malformed > tolerated) throw protocolFailure(this.#server, 'its lines are not JSON')
      return
    }
    this.#understood++
    if (line.error !== undefined && line.error !== null) throw streamedFailure(this.#server, line.error, this.#hasOutput)
    yield* this.#deltas(line)
    if (line.done === true) yield* this.#finish(line)
  }

  /** The failure of a stream that ended before its last line, as Ollama's own guard against repetition does too. */
  cut(): BackendError {
    if (this.#understood === 0 && this.#malformed > 0) return protocolFailure(this.#server, 'its lines are not JSON')
    return new BackendError(this.#server.backend, 'stream_cut', `Ollama at ${this.#server.url} ended the answer of ${this.#server.model} before it was complete.`)
  }

  *#deltas({ message, response, thinking, logprobs }: WireLine): Generator<InferenceEvent, void> {
    const thought = message?.thinking || thinking
    const text = message?.content || response
    if (thought) yield this.#output({ type: 'reasoning', text: thought })
    if (text) yield this.#output({ type: 'text', text, ...(logprobs?.length && { logprobs }) })
    for (const call of message?.tool_calls ?? []) {
      // Ollama cannot be told to call once only.
      if (this.#hasCalls && this.#isSingleCall) return
      this.#hasCalls = true
      yield this.#output({ type: 'tool-call', call: toolCall(call) })
    }
  }

  *#finish(line: WireLine): Generator<InferenceEvent, void> {
    const { done_reason: reason, prompt_eval_count: prompt, eval_count: completion } = line
    if (reason !== 'stop' && reason !== 'length') throw protocolFailure(this.#server, `it ended an answer with the reason ${JSON.stringify(reason ?? '').slice(0, 40)}`)
    if (!this.#hasOutput) throw new BackendError(this.#server.backend, 'empty_answer', `${this.#server.model} finished without any text or call.`)
    this.isDone = true
    // A missing count is unknown, not zero.
    if (typeof prompt === 'number' && typeof completion === 'number') yield { type: 'usage', usage: { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion } }
    yield { type: 'finish', reason: this.#hasCalls ? 'tool_calls' : reason satisfies FinishReason }
  }

  #output(event: InferenceEvent): InferenceEvent {
    this.#hasOutput = true
    return event
  }
}

function parseLine(text: string): WireLine | undefined {
  try {
    return wireLine.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}

/** Ollama's arguments are an object, and its ids may be missing. */
function toolCall({ id, function: { name, arguments: given } }: z.infer<typeof wireCall>): ToolCall {
  return { id: id || `call_${randomUUID().replaceAll('-', '')}`, name, arguments: typeof given === 'string' ? given : JSON.stringify(given ?? {}) }
}
