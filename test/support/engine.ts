// The local backend as tests use it: the real engine with the embedded model, or a fake engine moved by hand.
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { LlamaCppBackend } from '../../src/backends/llama-cpp/backend.ts'
import { startEngineProcess } from '../../src/backends/llama-cpp/engine-process.ts'
import type { EngineConnection, EngineExit, EngineOptions, EngineSettings, FromEngine, StartEngine, ToEngine } from '../../src/backends/llama-cpp/protocol.ts'
import { defaultPatience } from '../../src/backends/llama-cpp/supervision/engine-watch.ts'
import type { SupervisorOptions } from '../../src/backends/llama-cpp/supervision/supervisor-options.ts'
import { systemClock } from '../../src/inference/clock.ts'
import type { InferenceEvent, InferenceRequest, Usage } from '../../src/inference/request.ts'
import { checkGguf } from '../../src/models/gguf.ts'
import { silentLogger } from './service.ts'

export const embeddedModel = fileURLToPath(new URL('../../models/switch-tiny.gguf', import.meta.url))

/** Engine options as plain as can be: nothing is saved, guessed or warmed. */
export const engineOptions: EngineOptions = {
  threads: 1, gpu: 'off', kvCache: 'f16', hasFlashAttention: true, isDeterministic: false, hasMmap: true, lora: [], warmPrompt: undefined, isSpeculative: false,
  promptCache: { folder: '', maxBytes: 0, worthMs: 0 }
}

export const engineSettings: EngineSettings = { ...engineOptions, modelPath: embeddedModel, contextLength: 2048, slots: 1, maxTokens: 512, temperature: 0 }

/** A local backend over the real engine process, closed after the test. */
export function localBackend(t: TestContext, { settings, ...options }: Partial<Omit<SupervisorOptions, 'settings'>> & { settings?: Partial<EngineSettings> } = {}): LlamaCppBackend {
  const all = { ...engineSettings, ...settings }
  const backend = LlamaCppBackend.of({
    backend: 'hermes', model: 'switch-tiny', settings: all, start: startEngineProcess, checkModel: () => checkGguf(all.modelPath),
    patience: defaultPatience, clock: systemClock, log: silentLogger, ...options
  })
  t.after(() => backend.close())
  return backend
}

export const never = new AbortController().signal

/** A request with one question and greedy sampling. */
export function ask(prompt: string, fields: Partial<InferenceRequest> = {}): InferenceRequest {
  return { messages: [{ role: 'user', content: prompt }], stop: [], temperature: 0, ...fields }
}

/** Reads a whole answer. */
export async function read(events: AsyncIterable<InferenceEvent>): Promise<{ text: string, deltas: number, usage: Usage | undefined, finish: string | undefined }> {
  const result = { text: '', deltas: 0, usage: undefined as Usage | undefined, finish: undefined as string | undefined }
  for await (const event of events) {
    if (event.type === 'text') {
      result.text += event.text
      result.deltas++
    } else if (event.type === 'usage') result.usage = event.usage
    else if (event.type === 'finish') result.finish = event.reason
  }
  return result
}

/** An engine that does what the test says. */
export class FakeEngine implements EngineConnection {
  readonly pid = 1
  readonly received: ToEngine[] = []
  isKilled = false
  #listener: (message: FromEngine) => void = () => undefined
  readonly #exit = Promise.withResolvers<EngineExit>()

  send(message: ToEngine): void {
    this.received.push(message)
  }

  onMessage(listener: (message: FromEngine) => void): void {
    this.#listener = listener
  }

  onExit(listener: (exit: EngineExit) => void): void {
    void this.#exit.promise.then(listener)
  }

  async kill(): Promise<void> {
    this.isKilled = true
    this.die('was ended by SIGKILL')
    await this.#exit.promise
  }

  say(message: FromEngine): void {
    this.#listener(message)
  }

  load(): void {
    this.say({ type: 'loaded', facts: { contextLength: 2048, chatTemplate: 'ChatML', gpu: false, threads: 1, loadMs: 1 } })
  }

  beat(active = 0, progress = 0): void {
    this.say({ type: 'heartbeat', rssBytes: 50e6, active, progress })
  }

  die(how: string): void {
    this.#exit.resolve({ how, lastWords: [] })
  }
}

/** Starts fake engines and keeps them in order. */
export function fakeEngines(): { engines: FakeEngine[], start: StartEngine } {
  const engines: FakeEngine[] = []
  const start = () => {
    const engine = new FakeEngine()
    engines.push(engine)
    return engine
  }
  return { engines, start }
}
