// The engine: one model, its slots, and the generations in them. It runs in a process of its own or inside the server.
import type { Token } from 'node-llama-cpp'
import type { EmbeddingRequest } from '../../../inference/embedding.ts'
import { CallerGone } from '../../../inference/failure.ts'
import type { InferenceEvent, InferenceRequest } from '../../../inference/request.ts'
import type { EngineFailure, EngineSettings, FromEngine, GenerationStep, ToEngine } from '../protocol.ts'
import { GuessCost } from './decoding/guess-cost.ts'
import { failureOf } from './engine-failure.ts'
import { generate } from './generation.ts'
import { isModelSuspect, isOutOfMemory, loadModel } from './load.ts'
import type { LoadedModel } from './load.ts'
import { Outbox } from './outbox.ts'
import { evaluatePrompt } from './prefill.ts'
import { PromptTooLong } from './prompt/prompt-too-long.ts'
import type { Slot } from './slots.ts'

const heartbeatMs = 500

/** Takes the messages of the protocol and posts its answers. */
export class Engine {
  readonly #post: (message: FromEngine) => void
  readonly #outbox: Outbox
  readonly #guessCost = new GuessCost()
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
    else if (message.type === 'generate') void this.#work(message.id, (signal) => this.#generate(message.id, message.request, signal))
    else if (message.type === 'embed') void this.#work(message.id, (signal) => this.#embed(message.id, message.request, signal))
    else this.#generations.get(message.id)?.abort(new CallerGone())
  }

  /** Stops all generations and frees the model. */
  async close(): Promise<void> {
    clearInterval(this.#heartbeat)
    for (const controller of this.#generations.values()) controller.abort(new CallerGone())
    this.#loaded?.generating?.cache.close()
    await this.#loaded?.generating?.batcher.close()
    await this.#loaded?.llama.dispose()
  }

  async #load(settings: EngineSettings): Promise<void> {
    this.#settings = settings
    this.#heartbeat = setInterval(() => this.#beat(), heartbeatMs)
    try {
      this.#loaded = await loadModel(settings, {
        log: (level, message) => this.#post({ type: 'log', level, message }),
        onProgress: (progress) => this.#post({ type: 'load-progress', progress })
      })
      this.#sendBetweenBatches()
      this.#beat()
      this.#post({ type: 'loaded', facts: this.#loaded.facts })
    } catch (error) {
      this.#post({ type: 'load-failed', message: error instanceof Error ? error.message : String(error), isOutOfMemory: isOutOfMemory(error), isModelSuspect: isModelSuspect(error) })
    }
  }

  #sendBetweenBatches(): void {
    if (this.#loaded?.generating === undefined) return
    this.#loaded.generating.batcher.whileDrawing = () => this.#outbox.postDue()
    this.#loaded.generating.batcher.betweenBatches = () => this.#outbox.postFirst()
  }

  #beat(): void {
    const load = this.#loaded?.generating?.slots.load()
    this.#post({ type: 'heartbeat', rssBytes: process.memoryUsage.rss(), active: this.#generations.size, progress: this.#progress, ...(load && { load }) })
  }

  async #work(id: number, run: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const controller = new AbortController()
    this.#generations.set(id, controller)
    let failure: EngineFailure | undefined
    try {
      await run(controller.signal)
    } catch (error) {
      failure = failureOf(error)
    } finally {
      this.#generations.delete(id)
      this.#add({ type: 'ended', id, ...(failure && { failure }) })
    }
  }

  async #embed(id: number, request: EmbeddingRequest, signal: AbortSignal): Promise<void> {
    const result = await this.#loaded!.embedder!.embed(request, signal, () => { this.#progress++ })
    this.#add({ type: 'embedded', id, ...result })
  }

  #add(step: GenerationStep): void {
    this.#outbox.add(step)
  }

  async #generate(id: number, request: InferenceRequest, signal: AbortSignal): Promise<void> {
    const { facts } = this.#loaded!
    const { model, slots, batcher, cache, renderer, grammars } = this.#loaded!.generating!
    const prompt = renderer.render(request)
    const contextLength = Math.min(request.contextLength ?? facts.contextLength, facts.contextLength)
    if (prompt.tokens.length >= contextLength) throw new PromptTooLong(prompt.tokens.length, contextLength)
    const grammar = prompt.plan?.grammar === undefined ? undefined : await grammars.begin(prompt.plan.grammar)
    const slot = slots.take(prompt.tokens, request.sessionId) ?? await this.#takeSaved(prompt.tokens, request.sessionId)
    const onProgress = () => { this.#progress++ }
    try {
      const habits = this.#settings!
      const { cachedTokens, rest } = await evaluatePrompt({ slot, prompt, cache, batcher, signal, isDeterministic: habits.isDeterministic, onProgress })
      const bounds = { contextLength, maxTokens: habits.maxTokens }
      const emit = (event: InferenceEvent) => this.#add({ type: 'event', id, event })
      await generate({ model, slot, batcher, prompt, rest, grammar, cachedTokens, request, bounds, habits, isAlone: () => slots.evaluating === 1, guessCost: this.#guessCost, signal, onProgress, emit })
    } finally {
      slots.release(slot)
      cache.noteIdle(slot)
    }
  }

  /** As many generations come as there are slots: one that is not idle is being saved. */
  async #takeSaved(tokens: Token[], sessionId: string | undefined): Promise<Slot> {
    const { slots, cache } = this.#loaded!.generating!
    await cache.whenSaved()
    const slot = slots.take(tokens, sessionId)
    if (slot === undefined) throw new Error('no slot is idle')
    return slot
  }
}
