// POST /switch/models/load and /unload over the real engine: no request is lost while models come and go.
import assert from 'node:assert/strict'
import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { loadConfiguration } from '../../../src/config/configuration.ts'
import type { Environment } from '../../../src/config/load.ts'
import { startServer } from '../../../src/server.ts'
import { embeddedModel } from '../../support/engine.ts'
import { eventsOf } from '../../support/http.ts'
import { post, ready, silentLogger, temporaryFolder, until } from '../../support/service.ts'

type Answer = { model: string, response: string, attempts: { model: string, outcome: string }[] }
type Model = { model: string, state: string, memory_usage_mb: number | null, loaded_at: string | null, last_used_at: string | null, load_time_ms: number | null, running: number }

const question = { prompt: 'What is the capital of France?', temperature: 0, max_tokens: 20 }

/** The service over a folder with the embedded model under two names, "one" in use. */
async function serve(t: TestContext, environment: Environment = {}, names: readonly string[] = ['one', 'two']): Promise<{ url: string, folder: string }> {
  const folder = temporaryFolder(t)
  for (const name of names) copyFileSync(embeddedModel, join(folder, `${name}.gguf`))
  const { config, specs } = await loadConfiguration({ HERMES_MODEL_DIR: folder, SWITCH_CACHE_DIR: join(folder, 'cache'), HERMES_MODEL_NAME: 'one', HERMES_MAX_CONCURRENT: '2', PORT: '0', ...environment })
  const server = await startServer(config, silentLogger, specs)
  t.after(() => server.close())
  return { url: server.url, folder }
}

function change(url: string, verb: 'load' | 'unload', body: object, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${url}/switch/models/${verb}`, { method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json', ...headers } })
}

const modelsOf = async (url: string) => (await (await fetch(`${url}/switch/models`)).json() as { models: Model[] }).models

for (const [what, memoryMb] of [['both models', '4096'], ['one model alone', '250']] as const) {
  test(`50 requests across a change of models are all answered where memory allows ${what}`, async (t) => {
    const { url } = await serve(t, { HERMES_MAX_MEMORY_MB: memoryMb })
    await ready(url)
    const responses: Promise<Response>[] = []
    const sendMore = async (total: number) => {
      while (responses.length < total) {
        responses.push(post(url, question))
        // One after the other, so that they meet every stage of the change.
        await Promise.race([responses.at(-1), new Promise((resolve) => setImmediate(resolve))])
      }
    }
    await sendMore(20)
    const changed = change(url, 'load', { model: 'two' })
    await sendMore(45)
    const loaded = await changed
    assert.equal(loaded.status, 200)
    const { model, state } = await loaded.json() as Model
    assert.deepEqual({ model, state }, { model: 'two', state: 'ready' })
    await sendMore(50)
    const answers = await Promise.all(responses.map(async (response) => {
      assert.equal((await response).status, 200)
      return (await response).json() as Promise<Answer>
    }))
    for (const { response, model: answerer, attempts } of answers) {
      assert.equal(response, 'The capital of France is Paris.')
      assert.ok(['one', 'two'].includes(answerer))
      assert.deepEqual(attempts.map(({ model: tried, outcome }) => [tried, outcome]), [[answerer, 'success']])
    }
    assert.deepEqual([answers[0]!.model, answers.at(-1)!.model], ['one', 'two'])
  })
}

test('a new model that is damaged leaves the old one in its place, and the requests that waited are answered', async (t) => {
  const { url, folder } = await serve(t, { HERMES_MAX_MEMORY_MB: '250' })
  await ready(url)
  const bytes = Buffer.alloc(4_181_760)
  bytes.write('GGUF')
  writeFileSync(join(folder, 'damaged.gguf'), bytes)
  const changed = change(url, 'load', { model: 'damaged' })
  const answers = Array.from({ length: 10 }, () => post(url, question))
  const refused = await changed
  assert.equal(refused.status, 503)
  const { code, error } = await refused.json() as { code: string, error: string }
  assert.equal(code, 'SWITCH_MODEL_LOAD_FAILED')
  assert.match(error, /damaged could not be loaded.* one stays\.$/)
  for (const answer of answers) assert.equal((await (await answer).json() as Answer).model, 'one')
})

test('unload frees the memory and load brings the model back; in between, requests are told so', async (t) => {
  const { url } = await serve(t)
  await ready(url)
  await post(url, question)
  const [before] = await modelsOf(url)
  assert.ok(before!.memory_usage_mb! > 0 && before!.load_time_ms! > 0)
  for (const time of [before!.loaded_at, before!.last_used_at]) assert.ok(Math.abs(Date.parse(time!) - Date.now()) < 600_000)
  const unloaded = await (await change(url, 'unload', { model: 'one' })).json() as Model & { freed_mb: number }
  assert.deepEqual([unloaded.state, unloaded.memory_usage_mb, unloaded.loaded_at], ['unloaded', null, null])
  assert.ok(unloaded.freed_mb > 0)
  const refused = await post(url, question)
  assert.deepEqual([refused.status, (await refused.json() as Answer).attempts.map(({ outcome }) => outcome)], [503, ['failed']])
  assert.equal((await fetch(`${url}/switch/health`)).status, 503)
  const loaded = await change(url, 'load', {}, { Accept: 'text/event-stream' })
  const events = eventsOf(await loaded.text())
  assert.deepEqual(new Set(events.map(({ event }) => event)), new Set(['progress', 'done']))
  assert.deepEqual(events.flatMap(({ event }, index) => event === 'done' ? [index] : []), [events.length - 1], 'done comes once, last')
  assert.equal((await (await post(url, question)).json() as Answer).response, 'The capital of France is Paris.')
})

test('an idle model is unloaded, health stays good because it comes back in time, and a request brings it', async (t) => {
  const { url } = await serve(t, { HERMES_KEEP_ALIVE: '0' })
  await until(async () => (await modelsOf(url))[0]!.state === 'unloaded')
  const response = await fetch(`${url}/switch/health`)
  const health = await response.json() as { status: string, context_ready: boolean, reason: string, backends: { loads_on_demand: boolean, load_time_ms: number }[] }
  assert.deepEqual([response.status, health.status, health.context_ready, health.backends[0]!.loads_on_demand], [200, 'ok', false, true])
  assert.match(health.reason, /The next request loads it\.$/)
  assert.equal((await (await post(url, question)).json() as Answer).response, 'The capital of France is Paris.')
})

test('a backend that had no model gets one that has come since, without a restart', async (t) => {
  const { url, folder } = await serve(t, {}, [])
  assert.equal((await post(url, question)).status, 503)
  const early = await change(url, 'load', {})
  assert.deepEqual([early.status, (await early.json() as { code: string }).code], [404, 'SWITCH_MODEL_NOT_FOUND'])
  copyFileSync(embeddedModel, join(folder, 'one.gguf'))
  assert.equal((await change(url, 'load', {})).status, 200)
  assert.equal((await (await post(url, question)).json() as Answer).model, 'one')
})

test('what cannot be done is told: unknown names with near ones, paths, remote backends, missing fields', async (t) => {
  const { url } = await serve(t, { OPENAI_API_KEY: 'sk-none', OPENAI_BASE_URL: 'http://127.0.0.1:9' })
  await ready(url)
  for (const [verb, body, status, pattern] of [
    ['load', { model: 'tow' }, 404, /Did you mean two\?/],
    ['load', { model: 'two', backend: 'hermse' }, 404, /Did you mean hermes\?/],
    ['load', { backend: 'openai' }, 400, /runs elsewhere/],
    ['load', { model: '../two' }, 400, /without a path/],
    ['load', { model: '/etc/two' }, 400, /without a path/],
    ['load', { name: 'two' }, 400, /unknown field/],
    ['unload', {}, 400, /give model or backend/],
    ['unload', { model: 'two' }, 404, /runs two\./]
  ] as const) {
    const response = await change(url, verb, body)
    const { error } = await response.json() as { error: string }
    assert.deepEqual([response.status, pattern.test(error)], [status, true], `${verb} ${JSON.stringify(body)}: ${error}`)
  }
})
