// Plain-object backends for tests that need no real model.
import type { Backend, BackendState } from '../../src/backends/backend.ts'
import type { InferenceEvent, InferenceRequest } from '../../src/inference/request.ts'

export type FakeBackendOptions = Partial<Omit<Backend, 'generate' | 'state' | 'close'>> & {
  state?: BackendState
  generate?: (request: InferenceRequest, signal: AbortSignal) => AsyncIterable<InferenceEvent>
}

/** The events of a complete answer: each text a delta, then usage and finish. */
export async function* answer(...texts: string[]): AsyncGenerator<InferenceEvent, void> {
  for (const text of texts) yield { type: 'text', text }
  yield { type: 'usage', usage: { prompt_tokens: 3, completion_tokens: texts.length, total_tokens: 3 + texts.length } }
  yield { type: 'finish', reason: 'stop' }
}

/** A ready backend that answers "Hello", unless told otherwise. */
export function fakeBackend({ state, generate, ...rest }: FakeBackendOptions = {}): Backend {
  return {
    name: 'hermes',
    kind: 'llama-cpp',
    source: 'local_hermes',
    framework: 'llama-cpp',
    isLocal: true,
    maxConcurrent: 1,
    capabilities: { contextLength: 2048, tools: false, jsonSchema: false, prefill: false, vision: false, logprobs: false, rawPrompt: false },
    limits: { timeoutMs: undefined, firstTokenMs: undefined, idleMs: undefined },
    ...rest,
    state: () => state ?? { status: 'ready', model: 'fake-model' },
    generate: generate ?? (() => answer('Hello')),
    close: async () => undefined
  }
}

/** Events that never come; ends with the signal's reason, as the contract wants. */
export async function* silence(signal: AbortSignal): AsyncGenerator<InferenceEvent, void> {
  const { promise, reject } = Promise.withResolvers<never>()
  if (signal.aborted) throw signal.reason
  signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  yield await promise
}
