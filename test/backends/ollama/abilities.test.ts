// What the model can do, by Ollama's own words, and what that changes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { OllamaBackend } from '../../../src/backends/ollama/backend.ts'
import type { InferenceRequest } from '../../../src/inference/request.ts'
import { fakeOllama } from '../../support/fake-ollama.ts'
import type { FakeOllama } from '../../support/fake-ollama.ts'
import { backendAt, collect, hi, never, until } from './ollama.ts'

/** A backend that has looked at `ollama`. */
async function ready(t: TestContext, ollama: FakeOllama): Promise<OllamaBackend> {
  const backend = backendAt(t, ollama.url)
  backend.start()
  await until(() => backend.state().status === 'ready', 'ready')
  return backend
}

async function backendThatCan(t: TestContext, capabilities: string[] | undefined): Promise<{ ollama: FakeOllama, backend: OllamaBackend }> {
  const ollama = await fakeOllama(t)
  ollama.capabilities = capabilities
  return { ollama, backend: await ready(t, ollama) }
}

const known: [capabilities: string[] | undefined, tools: boolean, vision: boolean][] = [
  [['completion'], false, false], [['completion', 'tools'], true, false], [['completion', 'vision'], false, true], [undefined, true, false]
]

for (const [capabilities, tools, vision] of known) {
  test(`a model of ${capabilities?.join(', ') ?? 'unknown abilities'} ${tools ? 'calls' : 'does not call'} functions and ${vision ? 'sees' : 'does not see'} pictures`, async (t) => {
    const { backend } = await backendThatCan(t, capabilities)
    assert.deepEqual([backend.capabilities.tools, backend.capabilities.vision], [tools, vision])
  })
}

test('is asked once, however often the model is looked at', async (t) => {
  const { ollama, backend } = await backendThatCan(t, ['completion'])
  await collect(backend.generate(hi, never))
  assert.deepEqual(ollama.paths.filter((path) => path === 'POST /api/show').length, 1)
})

async function thinkFor(t: TestContext, capabilities: string[], fields: Partial<InferenceRequest>): Promise<unknown> {
  const { ollama, backend } = await backendThatCan(t, capabilities)
  await collect(backend.generate({ ...hi, ...fields }, never))
  return ollama.chats[0]!['think']
}

for (const [reasoningEffort, think] of [['none', false], ['minimal', 'low'], ['low', 'low'], ['medium', 'medium'], ['high', 'high'], ['xhigh', 'max'], ['max', 'max']] as const) {
  test(`a model that thinks is told of effort ${reasoningEffort}`, async (t) => assert.equal(await thinkFor(t, ['completion', 'thinking'], { reasoningEffort }), think))
}

test('an effort alone does not make a model think that cannot, nor against a clear no', async (t) => {
  assert.equal(await thinkFor(t, ['completion'], { reasoningEffort: 'high' }), false)
  assert.equal(await thinkFor(t, ['completion', 'thinking'], { reasoningEffort: 'high', thinking: false }), false)
  assert.equal(await thinkFor(t, ['completion'], { reasoningEffort: 'high', thinking: true }), 'high')
})
