// The engine: one model, its slots, and the generations in them. It runs in a process of its own or inside the server.
import type { Token } from 'node-llama-cpp'
import { CallerGone } from '../../../inference/failure.ts'
import type { InferenceRequest } from '../../../inference/request.ts'
import type { EngineFailure, EngineSettings, FromEngine, ToEngine } from '../protocol.ts'
import { generate } from './generation.ts'
import { isModelSuspect, isOutOfMemory, loadModel } from './load.ts'
import type { LoadedModel } from './load.ts'
import { evaluatePrompt } from './prefill.ts'
import type { Slot } from './slots.ts'
import { Outbox } from './outbox.ts'

const heartbeatMs = 500

/** The prompt does not fit: told with both numbers. */
class PromptTooLong extends Error {
  readonly promptTokens: number
  readonly contextLength: number

  constructor(promptTokens: number, contextLength: number) {
    super(`The prompt has ${promptTokens} tokens, but the context holds ${contextLength} with at least 1 for the answer. Shorten the prompt or raise HERMES_CONTEXT_LENGTH.`)
    this.promptTokens = promptTokens
    this.contextLength = contextLength
  }
}

/** Takes the messages of the protocol and posts its answers. */
export class Engine {
  readonly #post: (message: FromEngine) => void
  readonly #outbox: Outbox
  readonly #generations = new Map<number, AbortController>()
  #settings: EngineSettings | undefined
  #loaded: LoadedModel | undefined
  #heartbeat: NodeJS.Timeout | undefined
  #progress = 0

  constructor(post: (message: FromEngine) => void) {
    this.#post = post
    this.#outbox = new Outbox(post)
  }

  receive(message: ToEngine): void {
    if (message.type === 'load') void this.#load(message.settings)
    else if (message.type === 'generate') void this.#generate(message.id, message.request)
    else this.#generations.get(message.id)?.abort(new CallerGone())
  }

  /** Stops all generations and frees the model. */
  async close(): Promise<void> {
    clearInterval(this.#heartbeat)
    for (const controller of this.#generations.values()) controller.abort(new CallerGone())
    this.#loaded?.cache.close()
    await this.#loaded?.llama.dispose()
  }

  async #load(settings: EngineSettings): Promise<void> {
    this.#settings = settings
    this.#heartbeat = setInterval(() => this.#beat(), heartbeatMs)
    try {
      this.#loaded = await loadModel(settings, (level, message) => this.#post({ type: 'log', level, message }))
      this.#beat()
      this.#post({ type: 'loaded', facts: this.#loaded.facts })
    } catch (error) {
      this.#post({ type: 'load-failed', message: error instanceof Error ? error.message : String(error), isOutOfMemory: isOutOfMemory(error), isModelSuspect: isModelSuspect(error) })
    }
  }

  #beat(): void {
    this.#post({ type: 'heartbeat', rssBytes: process.memoryUsage.rss(), active: this.#generations.size, progress: this.#progress })
  }

  async #generate(id: number, request: InferenceRequest): Promise<void> {
    const controller = new AbortController()
    this.#generations.set(id, controller)
    let failure: EngineFailure | undefined
    try {
      for await (const event of this.#eventsOf(request, controller.signal)) this.#outbox.add({ type: 'event', id, event })
    } catch (error) {
      failure = failureOf(error)
    } finally {
      this.#generations.delete(id)
      this.#outbox.add({ type: 'ended', id, ...(failure && { failure }) })
    }
  }

  async *#eventsOf(request: InferenceRequest, signal: AbortSignal) {
    const { model, slots, scheduler, intermission, cache, renderer, facts } = this.#loaded!
    const prompt = renderer.render(request.messages, request.prefill)
    const contextLength = Math.min(request.contextLength ?? facts.contextLength, facts.contextLength)
    if (prompt.tokens.length >= contextLength) throw new PromptTooLong(prompt.tokens.length, contextLength)
    const slot = slots.take(prompt.tokens, request.sessionId) ?? await this.#takeSaved(prompt.tokens, request.sessionId)
    const onProgress = () => {
      this.#progress++
      scheduler.noteBatchDone()
    }
    try {
      const cachedTokens = await evaluatePrompt({ slot, slots, prompt, cache, scheduler, intermission, signal, onProgress })
      slot.phase = 'decoding'
      const bounds = { contextLength, maxTokens: this.#settings!.maxTokens }
      yield* generate({ model, slot, prompt, cachedTokens, request, bounds, habits: this.#settings!, isAlone: () => slots.evaluating === 1, intermission, signal, onProgress })
    } finally {
      slots.release(slot)
      cache.noteIdle(slot)
    }
  }

  /** As many generations come as there are slots: one that is not idle is being saved. */
  async #takeSaved(tokens: Token[], sessionId: string | undefined): Promise<Slot> {
    const { slots, cache } = this.#loaded!
    await cache.whenSaved()
    const slot = slots.take(tokens, sessionId)
    if (slot === undefined) throw new Error('no slot is idle')
    return slot
  }
}

function failureOf(error: unknown): EngineFailure | undefined {
  if (error instanceof CallerGone) return undefined
  if (error instanceof PromptTooLong) {
    return { reason: 'context_length_exceeded', message: error.message, facts: { prompt_tokens: error.promptTokens, context_length: error.contextLength } }
  }
  return { reason: 'internal', message: error instanceof Error ? error.message : String(error) }
}
