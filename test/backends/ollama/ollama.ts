// The Ollama backend as its tests use it, over a fake Ollama.
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { OllamaBackend } from '../../../src/backends/ollama/backend.ts'
import type { OllamaBackendOptions } from '../../../src/backends/ollama/backend.ts'
import { BackendError } from '../../../src/inference/failure.ts'
import type { FailureReason } from '../../../src/inference/failure.ts'
import type { InferenceEvent, InferenceRequest } from '../../../src/inference/request.ts'
import type { FakeChat, FakeOllama } from '../../support/fake-ollama.ts'

export const never = new AbortController().signal

export const hi: InferenceRequest = { messages: [{ role: 'user', content: 'Hi' }], stop: [] }

/** A backend over `baseUrl`, closed after the test. It does not look at the server before `start`. */
export function backendAt(t: TestContext, baseUrl: string, options: Partial<OllamaBackendOptions> = {}): OllamaBackend {
  const backend = new OllamaBackend({
    name: 'ollama', baseUrl, model: 'hermes3:3b', contextLength: 2048, maxTokens: 512, temperature: 0.7, keepAliveSeconds: -1, maxConcurrent: 1,
    limits: { timeoutMs: undefined, firstTokenMs: undefined, idleMs: undefined }, ...options
  })
  t.after(() => backend.close())
  return backend
}

/** All events of one answer to "Hi" that meets `chat`, and the failure that ended it. */
export async function converse(t: TestContext, ollama: FakeOllama, chat: FakeChat): Promise<{ events: InferenceEvent[], error: BackendError | undefined }> {
  ollama.script.push(chat)
  return collect(backendAt(t, ollama.url).generate(hi, never))
}

export async function collect(stream: AsyncIterable<InferenceEvent>): Promise<{ events: InferenceEvent[], error: BackendError | undefined }> {
  const events: InferenceEvent[] = []
  try {
    for await (const event of stream) events.push(event)
  } catch (error) {
    assert.ok(error instanceof BackendError, String(error))
    assert.equal(error.backend, 'ollama')
    assert.match(error.message, /[.]$|^Ollama refuses/)
    return { events, error }
  }
  return { events, error: undefined }
}

/** The failure that `chat` leads to, after checking its reason. */
export async function failure(t: TestContext, ollama: FakeOllama, chat: FakeChat, reason: FailureReason): Promise<BackendError> {
  const { error } = await converse(t, ollama, chat)
  assert.equal(error?.reason, reason, error?.message)
  return error
}

/** Lets sockets and promises work until `condition` holds; no clock is involved. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  for (let turn = 0; turn < 100_000; turn++) {
    if (condition()) return
    await new Promise((resolve) => setImmediate(resolve))
  }
  assert.fail(`it did not happen: ${what}`)
}
