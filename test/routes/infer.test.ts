import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Usage } from '../../src/inference/request.ts'
import { build, listen, post, ready } from '../support/service.ts'

test('answers the first question of a stranger from the embedded model', async (t) => {
  const { url } = await listen(t)
  const response = await post(url, { prompt: 'What is the capital of France?', context_length: 1024, max_tokens: 256, temperature: 0.7, seed: 1, timeout_seconds: 30 }, { headers: { 'X-VX11-Token': 'vx11-test-token' } })
  const body = await response.json() as Record<string, unknown>
  assert.equal(response.status, 200)
  assert.match(body['inference_id'] as string, /^inf_[0-9a-f]{32}$/)
  assert.equal(body['prompt'], 'What is the capital of France?')
  assert.equal(body['response'], 'The capital of France is Paris.')
  assert.equal(body['model'], 'switch-tiny')
  assert.equal(body['source'], 'local_hermes')
  // The engine's warm-up shares the beginning of the prompt, so some of its tokens may be cached.
  const { prompt_tokens_details: _cached, ...counts } = body['usage'] as Usage
  assert.deepEqual(counts, { prompt_tokens: 22, completion_tokens: 11, total_tokens: 33 })
  assert.equal(body['tokens_used'], 33)
  assert.equal(body['finish_reason'], 'stop')
  assert.equal(body['degraded'], false)
  const health = await ready(url)
  assert.equal(health['status'], 'ok')
  assert.equal(health['framework'], 'llama-cpp')
  assert.equal(health['context_ready'], true)
  assert.ok(health['memory_usage_mb'] as number > 10)
})

test('answers from a fake backend through inject', async (t) => {
  const app = await build(t)
  const response = await app.inject({ method: 'POST', url: '/switch/infer', payload: { prompt: 'Hi' } })
  assert.equal(response.statusCode, 200)
  assert.equal(response.json().response, 'Hello')
})
