import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OpenAiBackend } from '../../../src/backends/openai/backend.ts'
import { startFakeUpstream } from '../../../src/drill/fake-upstream/server.ts'
import { build } from '../../support/service.ts'

test('a backend of model * passes on the model that the caller names', async (t) => {
  const upstream = await startFakeUpstream({ answer: 'Hi' })
  const backend = new OpenAiBackend({ name: 'any', baseUrl: upstream.url, model: '*', maxConcurrent: 4, limits: { timeoutMs: 5000, firstTokenMs: 5000, idleMs: 5000 } })
  t.after(() => Promise.all([backend.close(), upstream.close()]))
  const app = await build(t, { backends: [backend] })
  const infer = async (model: string) => app.inject({ method: 'POST', url: '/switch/infer', payload: { prompt: 'Hi', model } })

  const answered = await infer('any/org/model-7b:free')
  assert.equal(answered.statusCode, 200, answered.body)
  assert.equal(upstream.requests[0]!.body['model'], 'org/model-7b:free')
  assert.equal(answered.json().model, 'org/model-7b:free')
  assert.equal(answered.json().attempts[0].model, 'org/model-7b:free')

  const unnamed = await infer('any')
  assert.deepEqual([unnamed.statusCode, unnamed.json().code], [400, 'SWITCH_REQUEST_REJECTED'])
  assert.match(unnamed.json().error, /any\/MODEL/)
  assert.equal(upstream.requests.length, 1)

  for (const model of ['any/', 'other/x']) assert.equal((await infer(model)).json().code, 'SWITCH_ROUTE_UNKNOWN', model)
})
