// What VX11's services learn of Switch itself.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeBackend } from '../../support/backends.ts'
import { build } from '../../support/service.ts'

const backends = () => [
  fakeBackend({ name: 'openai', kind: 'openai', framework: 'openai', isLocal: false, state: { status: 'ready', model: 'gpt-x' } }),
  fakeBackend({ state: { status: 'loading', model: 'hermes-3b', reason: 'Model hermes-3b is loading.' } })
]

test('models, providers and context tell each backend as it is', async (t) => {
  const app = await build(t, { backends: backends(), env: { SWITCH_TOKEN: 'secret' } })
  const get = async (path: string) => (await app.inject({ url: `/switch/${path}`, headers: { 'x-vx11-token': 'secret' } })).json()
  const { models, active, warm, cli_registry } = await get('models/available')
  assert.deepEqual([active, warm, cli_registry], [null, null, []])
  assert.deepEqual(models, [
    { name: 'gpt-x', category: 'general', size_mb: null, status: 'available', warm: false, last_used: null, tags: ['openai', 'openai'], kind: 'remote' },
    { name: 'hermes-3b', category: 'general', size_mb: null, status: 'loading', warm: false, last_used: null, tags: ['hermes', 'llama-cpp'], kind: 'local' }
  ])
  assert.deepEqual((await get('providers')).providers, [
    { name: 'openai', kind: 'remote', status: 'available', model: 'gpt-x' },
    { name: 'hermes', kind: 'local', status: 'loading', model: 'hermes-3b', reason: 'Model hermes-3b is loading.' }
  ])
  assert.deepEqual(await get('context'), { status: 'ok', mode: 'BALANCED', active_model: null, warm_model: null, queue_size: 0, token_required: true })
  assert.equal((await app.inject('/switch/providers')).statusCode, 401)
})

test('a model that answered was last used just now', async (t) => {
  const app = await build(t)
  const before = Date.now()
  await app.inject({ method: 'POST', url: '/switch/chat', payload: { message: 'Hi' } })
  const { models, active } = (await app.inject('/switch/models/available')).json()
  assert.deepEqual([active, models[0].warm], ['fake-model', true])
  assert.ok(Date.parse(models[0].last_used) >= before - 1000)
})

for (const [body, expected] of [
  [{ action: 'get_mode' }, { status: 'ok', mode: 'BALANCED' }],
  [{ op: 'LIST_MODES' }, { status: 'ok', modes: ['BALANCED'] }],
  [{ action_type: 'set_mode', mode: 'balanced' }, { status: 'ok', mode: 'BALANCED' }],
  [{ action: 'set_mode', mode: 'ECO' }, { status: 'error', mode: 'BALANCED', detail: /BALANCED only; nothing was changed/ }],
  [{ action: 'set_mode' }, { status: 'error', detail: /nothing was changed/ }],
  [{ action: 'reboot' }, { status: 'error', detail: /action must be get_mode, list_modes or set_mode/ }],
  [{}, { status: 'error', detail: /action must be/ }]
] as const) {
  test(`control ${JSON.stringify(body)}`, async (t) => {
    const app = await build(t, { env: { HERMES_TIMEOUT: '12' } })
    const response = await app.inject({ method: 'POST', url: '/switch/control', payload: body })
    assert.equal(response.statusCode, 200)
    const json = response.json<Record<string, unknown>>()
    for (const [name, value] of Object.entries(expected)) {
      if (value instanceof RegExp) assert.match(String(json[name]), value)
      else assert.deepEqual(json[name], value)
    }
    if ('mode' in expected) assert.deepEqual(json['profile'], { timeout_ms: 12_000, max_concurrent: 1, preferred_engines: ['hermes'] })
  })
}

for (const [body, status, engine] of [
  [{ engine_id: 'hermes' }, 'degraded', 'hermes'],
  [{ engine_id: 'gpt-x' }, 'ok', 'openai'],
  [{ available_engines: ['hermes_local', 'hermes', 'openai'] }, 'ok', 'openai'],
  [{ available_engines: ['unknown'], query: 'Hi' }, 'ok', 'openai'],
  [{}, 'ok', 'openai']
] as const) {
  test(`select_engine ${JSON.stringify(body)} gives ${engine}`, async (t) => {
    const app = await build(t, { backends: backends() })
    const response = await app.inject({ method: 'POST', url: '/switch/hermes/select_engine', payload: body, headers: { host: 'switch:8002' } })
    const json = response.json()
    assert.deepEqual([response.statusCode, json.status, json.engine, json.endpoint], [200, status, engine, 'http://switch:8002'])
  })
}

test('an engine that is not here is a 404 that lists what is', async (t) => {
  const app = await build(t, { backends: backends() })
  const response = await app.inject({ method: 'POST', url: '/switch/hermes/select_engine', payload: { engine_id: 'shub' } })
  assert.equal(response.statusCode, 404)
  assert.match(response.json().error, /no engine "shub"\. Use one of: openai, hermes/)
})
