import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ModelChangeError } from '../../../src/backends/model-change-error.ts'
import { BackendError } from '../../../src/inference/failure.ts'
import { fakeOllama } from '../../support/fake-ollama.ts'
import { backendAt, collect, hi, never, until } from './ollama.ts'

test('unload takes the model out of Ollama, requests are turned away, and load brings it back', async (t) => {
  const ollama = await fakeOllama(t)
  const backend = backendAt(t, ollama.url)
  backend.start()
  await until(() => backend.state().status === 'ready', 'ready')
  assert.equal(await backend.modelControl.unload(), 3000)
  assert.deepEqual([ollama.loads.at(-1)!['keep_alive'], ollama.running], [0, []])
  const { status, loadsOnDemand, reason } = backend.state()
  assert.deepEqual([status, loadsOnDemand], ['unloaded', false])
  assert.match(reason!, /POST \/switch\/models\/load/)
  const { error } = await collect(backend.generate(hi, never))
  assert.equal((error as BackendError).reason, 'model_unavailable')
  assert.equal(ollama.chats.length, 0)
  await backend.modelControl.load()
  assert.equal(backend.state().status, 'ready')
  assert.equal(ollama.running.length, 1)
  assert.deepEqual(backend.modelControl.details(), { keepAliveSeconds: -1, sizeBytes: 2_019_377_376 })
})

test('a load that fails says why; another model is refused with the way to get it', async (t) => {
  const ollama = await fakeOllama(t)
  const backend = backendAt(t, ollama.url)
  backend.start()
  await until(() => backend.state().status === 'ready', 'ready')
  await backend.modelControl.unload()
  ollama.load = async () => ({ status: 500, error: 'llama-server process has terminated' })
  await assert.rejects(backend.modelControl.load(), (error: ModelChangeError) => error.reason === 'failed' && /HTTP 500/.test(error.message))
  await assert.rejects(backend.modelControl.load('qwen3:4b'), (error: ModelChangeError) => error.reason === 'unsupported' && /HERMES_MODEL_NAME/.test(error.message))
})
