import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GatedBackend } from '../../src/inference/target.ts'
import { SwitchError } from '../../src/inference/errors.ts'
import type { ErrorCode } from '../../src/inference/errors.ts'
import { guardBackend } from '../../src/inference/target.ts'
import { fieldBeyond, needsOf, selectTargets, selectableNames } from '../../src/inference/route.ts'
import type { Needs, Routes } from '../../src/inference/route.ts'
import { fakeBackend } from '../support/backends.ts'
import type { FakeBackendOptions } from '../support/backends.ts'
import { ManualClock } from '../support/clock.ts'

const gated = (options: FakeBackendOptions): GatedBackend => guardBackend(fakeBackend(options), 0, new ManualClock())

const able = { contextLength: 128_000, tools: true, jsonSchema: true, prefill: false, vision: false, logprobs: false, rawPrompt: false }
const openai = gated({ name: 'openai', capabilities: able, state: { status: 'ready', model: 'gpt' } })
const hermes = gated({ name: 'hermes', state: { status: 'ready', model: 'switch-tiny' } })
const backends = [openai, hermes]
const routes: Routes = new Map([['default', [openai, hermes]], ['local', [hermes]], ['reasoning', []]])
const nothing: Needs = []

const names = (model: string | undefined, needs: Needs = nothing): string[] => selectTargets(routes, backends, model, needs).map(({ backend }) => backend.name)

function refusal(select: () => unknown, code: ErrorCode): SwitchError {
  try {
    select()
  } catch (error) {
    assert.ok(error instanceof SwitchError, String(error))
    assert.equal(error.code, code)
    return error
  }
  assert.fail('nothing was refused')
}

test('takes the default route, in its order, when no model is named', () => {
  assert.deepEqual(names(undefined), ['openai', 'hermes'])
})

test('selects by route, by backend and by backend/model', () => {
  assert.deepEqual(names('local'), ['hermes'])
  assert.deepEqual(names('openai'), ['openai'])
  assert.deepEqual(names('hermes/switch-tiny'), ['hermes'])
})

test('refuses an unknown name and lists every name that would do, without empty routes', () => {
  const known = 'default, local, openai, openai/gpt, hermes, hermes/switch-tiny'
  for (const model of ['', 'hermes/other', 'Default', 'gpt', '__proto__']) {
    const error = refusal(() => names(model), 'SWITCH_ROUTE_UNKNOWN')
    assert.ok(error.message.includes(JSON.stringify(model)), error.message)
    assert.deepEqual(error.body.details, [{ path: 'model', reason: `must be one of ${known}` }])
  }
  assert.deepEqual([...selectableNames(routes, backends)], known.split(', '))
})

test('says which route has no configured backend', () => {
  const { message, body } = refusal(() => names('reasoning'), 'SWITCH_ROUTE_UNAVAILABLE')
  assert.match(message, /route reasoning/)
  assert.equal(body.source, 'degraded')
  assert.match(refusal(() => selectTargets(new Map([['default', []]]), [], undefined, nothing), 'SWITCH_ROUTE_UNAVAILABLE').message, /route default/)
})

test('a route is selected when one of its backends can do what the request needs', () => {
  assert.deepEqual(names(undefined, ['tools']), ['openai', 'hermes'])
  assert.deepEqual(names(undefined, ['tools', 'jsonSchema']), ['openai', 'hermes'])
  assert.deepEqual([fieldBeyond(openai.backend, ['tools', 'jsonSchema']), fieldBeyond(hermes.backend, ['jsonSchema'])], [undefined, 'response_format'])
})

test('refuses what none of the selected backends can do and names field and backends', () => {
  const tools = refusal(() => names('local', ['tools']), 'SWITCH_REQUEST_UNSUPPORTED')
  assert.deepEqual(tools.body.details, [{ path: 'tools', reason: 'not supported by hermes' }])
  const schema = refusal(() => names('local', ['jsonSchema']), 'SWITCH_REQUEST_UNSUPPORTED')
  assert.deepEqual(schema.body.details?.map(({ path }) => path), ['response_format'])
})

test('a need that some have and another that others have is refused by the one that nobody has', () => {
  assert.deepEqual(refusal(() => names(undefined, ['tools', 'vision']), 'SWITCH_REQUEST_UNSUPPORTED').body.details?.map(({ path }) => path), ['messages'])
})

test('what a request needs follows from its fields', () => {
  const tools = [{ type: 'function' as const, function: { name: 'f' } }]
  const messages = [{ role: 'user' as const, content: 'Hi' }]
  assert.deepEqual(needsOf({ messages, stop: [] }), [])
  assert.deepEqual(needsOf({ messages, stop: [], tools }), ['tools'])
  assert.deepEqual(needsOf({ messages, stop: [], tools, toolChoice: 'none' }), [])
  assert.deepEqual(needsOf({ messages, stop: [], responseFormat: { type: 'json_schema', json_schema: { name: 'x' } }, logprobs: 0 }), ['jsonSchema', 'logprobs'])
  // Every kind of backend knows it, and the answer is looked at anyway.
  assert.deepEqual(needsOf({ messages, stop: [], responseFormat: { type: 'json_object' } }), [])
  assert.deepEqual(needsOf({ messages: [{ role: 'user', content: [{ type: 'text', text: 'What is this?' }, { type: 'image', url: 'data:image/png;base64,AA==' }] }], stop: [] }), ['vision'])
  assert.deepEqual(needsOf({ messages: [], rawPrompt: 'Once', stop: [] }), ['rawPrompt'])
})
