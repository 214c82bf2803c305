import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { InferenceRequest } from '../../src/inference/request.ts'
import { BackendError } from '../../src/inference/failure.ts'
import { answer, fakeBackend } from '../support/backends.ts'
import { build } from '../support/service.ts'

/** The app over a remote and a local backend, both of which remember what they were asked. */
async function appOf(t: TestContext) {
  const asked: Record<string, InferenceRequest[]> = { deepseek: [], openai: [], hermes: [] }
  const backends = Object.keys(asked).map((name) => fakeBackend({
    name, isLocal: name === 'hermes', source: name, kind: name === 'hermes' ? 'llama-cpp' : 'openai',
    generate: (request) => {
      asked[name]!.push(request)
      return answer(`I am ${name}`)
    }
  }))
  const app = await build(t, { backends })
  const infer = async (model?: string) => (await app.inject({ method: 'POST', url: '/switch/infer', payload: { prompt: 'Hi', model } })).json() as { response: string }
  return { asked, infer }
}

test('model local never leaves the machine', async (t) => {
  const { asked, infer } = await appOf(t)
  assert.equal((await infer('local')).response, 'I am hermes')
  assert.deepEqual([asked['openai']!.length, asked['deepseek']!.length], [0, 0])
})

test('a failing local backend does not send the prompt of model local elsewhere', async (t) => {
  let remote = 0
  const app = await build(t, { backends: [
    fakeBackend({ name: 'openai', isLocal: false, generate: () => { remote++; return answer('no') } }),
    fakeBackend({ generate: () => { throw new BackendError('hermes', 'engine_died', 'it died') } })
  ] })
  const response = await app.inject({ method: 'POST', url: '/switch/infer', payload: { prompt: 'Hi', model: 'local' } })
  assert.deepEqual([response.statusCode, remote], [503, 0])
})

test('the route reasoning asks deepseek to think, default and fast ask not to', async (t) => {
  const { asked, infer } = await appOf(t)
  assert.equal((await infer('reasoning')).response, 'I am deepseek')
  assert.equal(asked['deepseek']![0]!.thinking, true)
  for (const model of [undefined, 'default', 'fast']) await infer(model)
  assert.deepEqual(asked['openai']!.map(({ thinking }) => thinking), [false, false, false])
  await infer('openai')
  assert.equal(asked['openai']!.at(-1)!.thinking, undefined)
})

test('the receipt stands in the header too', async (t) => {
  const app = await build(t, { backends: [
    fakeBackend({ name: 'openai', isLocal: false, generate: () => { throw new BackendError('openai', 'unauthorized', 'the key was refused') } }),
    fakeBackend()
  ] })
  for (const stream of [false, true]) {
    const response = await app.inject({ method: 'POST', url: '/switch/infer', payload: { prompt: 'Hi', stream } })
    assert.match(response.headers['x-switch-attempts'] as string, stream ? /^openai;(failed;unauthorized|skipped;circuit_open), hermes;running$/ : /^openai;failed;unauthorized, hermes;success$/)
  }
})
