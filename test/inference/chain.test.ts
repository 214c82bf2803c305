import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { runChain } from '../../src/inference/chain.ts'
import type { ChainCall, ChainEvent, Completion } from '../../src/inference/chain-call.ts'
import { systemClock } from '../../src/inference/clock.ts'
import { Deadline } from '../../src/inference/deadline.ts'
import type { SwitchError } from '../../src/inference/errors.ts'
import { BackendError, CallerGone } from '../../src/inference/failure.ts'
import type { FailureReason } from '../../src/inference/failure.ts'
import { Receipt } from '../../src/inference/receipt.ts'
import type { InferenceEvent, InferenceRequest } from '../../src/inference/request.ts'
import { guardBackend } from '../../src/inference/target.ts'
import type { GatedBackend } from '../../src/inference/target.ts'
import { linkSignals } from '../../src/inference/linked-signal.ts'
import { answer, fakeBackend, silence } from '../support/backends.ts'
import type { FakeBackendOptions } from '../support/backends.ts'

const capabilities = { contextLength: 2048, tools: true, jsonSchema: true, prefill: false, vision: false, logprobs: false, rawPrompt: false }

/** A backend that plays one script after the other, the last one for ever, and remembers what it was asked. */
function scripted(name: string, options: FakeBackendOptions, ...scripts: ((request: InferenceRequest, signal: AbortSignal) => AsyncIterable<InferenceEvent>)[]) {
  const asked: InferenceRequest[] = []
  const backend = fakeBackend({
    name, capabilities, ...options,
    generate: (request, signal) => {
      asked.push(request)
      return scripts[Math.min(asked.length, scripts.length) - 1]!(request, signal)
    }
  })
  return { target: guardBackend(backend, 4, systemClock), asked }
}

const remote = (...scripts: Parameters<typeof scripted>[2][]) => scripted('openai', { kind: 'openai', isLocal: false, source: 'openai' }, ...scripts)
const local = (...scripts: Parameters<typeof scripted>[2][]) => scripted('hermes', { capabilities: { ...capabilities, prefill: true } }, ...scripts)

async function* fails(reason: FailureReason, before: readonly string[] = [], options: ConstructorParameters<typeof BackendError>[3] = {}): AsyncGenerator<InferenceEvent> {
  for (const text of before) yield { type: 'text', text }
  throw new BackendError('openai', reason, `it is ${reason}`, options)
}

async function* cut(...texts: string[]): AsyncGenerator<InferenceEvent> {
  for (const text of texts) yield { type: 'text', text }
}

type Run = { text: string, restarts: number, completion?: Completion, error?: SwitchError | CallerGone, receipt: Receipt }

async function run(targets: readonly GatedBackend[], { seconds = 5, caller = new AbortController().signal, ...rest }: Partial<ChainCall> & { seconds?: number, caller?: AbortSignal } = {}): Promise<Run> {
  const deadline = new Deadline(seconds, systemClock)
  const { signal, unlink } = linkSignals([deadline.signal, caller])
  const receipt = new Receipt(systemClock)
  const result: Run = { text: '', restarts: 0, receipt }
  const emit = (event: ChainEvent) => {
    if (event.type === 'text') result.text += event.text
    if (event.type === 'restart') {
      result.text = ''
      result.restarts++
    }
    return undefined
  }
  try {
    const completion = await runChain({ request: { messages: [], stop: [] }, targets, needs: [], priority: 4, deadline, signal, receipt, isShown: true, onNetworkDown: () => undefined, random: () => 0, emit, ...rest })
    return { ...result, completion }
  } catch (error) {
    return { ...result, error: error as SwitchError }
  } finally {
    unlink()
    deadline.clear()
  }
}

const outcomes = ({ receipt }: Run) => receipt.attempts.map(({ backend, outcome, reason }) => [backend, outcome, reason].filter((word) => word !== null).join(' '))

test('the first backend that answers is the only one asked', async () => {
  const [first, second] = [remote(() => answer('Hi')), local(() => answer('no'))]
  const result = await run([first.target, second.target])
  assert.equal(result.text, 'Hi')
  assert.equal(result.completion!.degraded, false)
  assert.deepEqual(outcomes(result), ['openai success'])
  assert.equal(second.asked.length, 0)
})

for (const reason of ['connection', 'server_error'] as const) {
  test(`${reason}: a second try at the same backend is enough`, async () => {
    const result = await run([remote(() => fails(reason), () => answer('Hi')).target, local(() => answer('no')).target])
    assert.deepEqual([result.text, outcomes(result)], ['Hi', [`openai failed ${reason}`, 'openai success']])
  })

  test(`${reason}: after two tries the next backend answers`, async () => {
    const result = await run([remote(() => fails(reason)).target, local(() => answer('Hi')).target])
    assert.deepEqual([result.text, outcomes(result)], ['Hi', [`openai failed ${reason}`, `openai failed ${reason}`, 'hermes success']])
    assert.equal(result.completion!.degraded, true)
  })
}

for (const reason of ['unauthorized', 'quota_exhausted', 'model_not_found', 'protocol', 'empty_answer', 'network_down', 'model_unavailable', 'out_of_memory', 'engine_died'] as const) {
  test(`${reason}: the next backend answers, this one is asked once`, async () => {
    const first = remote(() => fails(reason))
    const result = await run([first.target, local(() => answer('Hi')).target])
    assert.deepEqual([result.text, outcomes(result), first.asked.length], ['Hi', [`openai failed ${reason}`, 'hermes success'], 1])
  })
}

for (const [reason, code] of [['content_filtered', 'SWITCH_CONTENT_FILTERED'], ['rejected', 'SWITCH_REQUEST_REJECTED']] as const) {
  test(`${reason}: a 400 with the provider's reason, and nobody else is asked`, async () => {
    const second = local(() => answer('no'))
    const { error } = await run([remote(() => fails(reason)).target, second.target])
    assert.deepEqual([(error as SwitchError).code, (error as SwitchError).status, second.asked.length], [code, 400, 0])
    assert.match(error!.message, new RegExp(`it is ${reason}`))
  })
}

test('a backend without a first token in time is left, and never asked twice', async () => {
  const limits = { timeoutMs: undefined, firstTokenMs: 30, idleMs: undefined }
  const silent = scripted('openai', { kind: 'openai', isLocal: false, limits }, (_request, signal) => silence(signal))
  const result = await run([silent.target, local(() => answer('Hi')).target])
  assert.deepEqual([result.text, outcomes(result), silent.asked.length], ['Hi', ['openai failed first_token_timeout', 'hermes success'], 1])
})

test('the local model keeps the time it needs: a silent backend gets at most half of the deadline', async () => {
  const silent = remote((_request, signal) => silence(signal))
  const result = await run([silent.target, local(() => answer('Hi')).target], { seconds: 0.6 })
  assert.equal(result.text, 'Hi')
  assert.ok(result.receipt.attempts[0]!.duration_ms <= 400, `${result.receipt.attempts[0]!.duration_ms} ms`)
})

test('an answer that comes too slowly for the deadline is finished by the local model', async () => {
  const slow = remote(async function* (_request, signal) {
    yield { type: 'text', text: 'One' }
    yield* silence(signal)
  })
  const result = await run([slow.target, local(() => answer(' two')).target], { seconds: 0.4 })
  assert.deepEqual([result.text, outcomes(result)], ['One two', ['openai failed attempt_timeout', 'hermes success']])
})

test('requests with little time do not make a backend look broken that was answering them', async () => {
  const slow = remote(async function* (_request, signal) {
    yield { type: 'text', text: 'One' }
    yield* silence(signal)
  })
  for (let times = 0; times < 3; times++) await run([slow.target, local(() => answer(' two')).target], { seconds: 0.2 })
  assert.deepEqual([slow.asked.length, slow.target.breaker.state().state], [3, 'closed'])
})

test('a stream that stalls goes on at the next backend, which is given the exact text', async () => {
  const limits = { timeoutMs: undefined, firstTokenMs: undefined, idleMs: 30 }
  const stalls = scripted('openai', { kind: 'openai', isLocal: false, limits }, async function* (_request, signal) {
    yield { type: 'text', text: 'One two' }
    yield* silence(signal)
  })
  const second = local(() => answer(' three'))
  const result = await run([stalls.target, second.target])
  assert.equal(result.text, 'One two three')
  assert.equal(second.asked[0]!.prefill, 'One two')
  assert.deepEqual(result.receipt.attempts.map(({ chars }) => chars), [7, 6])
})

test('a stream that ends without a finish is no success: the next backend goes on', async () => {
  const result = await run([remote(() => cut('One', ' two')).target, local(() => answer(' three')).target])
  assert.deepEqual([result.text, outcomes(result)], ['One two three', ['openai failed stream_cut', 'hermes success']])
})

test('a backend that cannot go on from text begins anew, and only what is new is given', async () => {
  const second = scripted('other', { kind: 'openai', isLocal: false }, () => answer('One', ' two three'))
  const result = await run([remote(() => cut('One two')).target, second.target])
  assert.equal(result.text, 'One two three')
  assert.equal(second.asked[0]!.prefill, undefined)
})

test('a different beginning is never spliced: the local model goes on instead', async () => {
  const second = scripted('other', { kind: 'openai', isLocal: false }, () => answer('Eins zwei drei'))
  const result = await run([remote(() => cut('One two')).target, second.target, local(() => answer(' three')).target])
  assert.deepEqual([result.text, outcomes(result)], ['One two three', ['openai failed stream_cut', 'other failed diverged', 'hermes success']])
})

test('a stream that nobody can go on with ends with an error, never as a success', async () => {
  const second = scripted('other', { kind: 'openai', isLocal: false }, () => answer('Eins zwei drei'))
  const result = await run([remote(() => cut('One two')).target, second.target])
  assert.deepEqual([result.text, result.completion, (result.error as SwitchError).code], ['One two', undefined, 'SWITCH_STREAM_INTERRUPTED'])
})

test('a caller that has seen nothing gets the new answer whole', async () => {
  const second = scripted('other', { kind: 'openai', isLocal: false }, () => answer('Eins zwei drei'))
  const result = await run([remote(() => cut('One two')).target, second.target], { isShown: false })
  assert.deepEqual([result.text, result.restarts, result.receipt.attempts.map(({ chars }) => chars)], ['Eins zwei drei', 1, [0, 14]])
})

test('three backends can share one answer', async () => {
  const engine = scripted('first', { capabilities: { ...capabilities, prefill: true } }, () => cut('One'))
  const again = scripted('second', { capabilities: { ...capabilities, prefill: true } }, () => cut(' two'))
  const last = local(() => answer(' three'))
  const result = await run([engine.target, again.target, last.target])
  assert.equal(result.text, 'One two three')
  assert.equal(last.asked[0]!.prefill, 'One two')
})

test('after a whole tool call nothing is repeated', async () => {
  const calls = remote(async function* () {
    yield { type: 'tool-call', call: { id: 'c', name: 'f', arguments: '{}' } }
  })
  const second = local(() => answer('no'))
  const { error } = await run([calls.target, second.target])
  assert.deepEqual([(error as SwitchError).code, second.asked.length], ['SWITCH_STREAM_INTERRUPTED', 0])
})

test('a prompt too long is tried only where the context is larger', async () => {
  const tooLong = () => fails('context_length_exceeded', [], { facts: { prompt_tokens: 5000, context_length: 4096 } })
  const first = scripted('first', { kind: 'openai', capabilities: { ...capabilities, contextLength: 4096 } }, tooLong)
  const same = scripted('same', { kind: 'openai', capabilities: { ...capabilities, contextLength: 4096 } }, () => answer('no'))
  const larger = scripted('larger', { kind: 'openai', capabilities: { ...capabilities, contextLength: 8192 } }, () => answer('Hi'))
  const result = await run([first.target, same.target, larger.target])
  assert.deepEqual([result.text, outcomes(result)], ['Hi', ['first failed context_length_exceeded', 'same skipped context_length_exceeded', 'larger success']])
  const refused = await run([first.target, same.target])
  assert.deepEqual([(refused.error as SwitchError).code, (refused.error as SwitchError).status], ['SWITCH_REQUEST_CONTEXT_EXCEEDED', 400])
})

test('an open breaker is skipped at once, and closes with the first success', async () => {
  const first = remote(() => fails('unauthorized'))
  const second = local(() => answer('Hi'))
  await run([first.target, second.target])
  const result = await run([first.target, second.target])
  assert.deepEqual([outcomes(result), first.asked.length], [['openai skipped circuit_open', 'hermes success'], 1])
})

test('the 503 of a route that is left alone says when to come back', async () => {
  const first = remote(() => fails('unauthorized'))
  await run([first.target])
  const { error } = await run([first.target])
  assert.deepEqual([(error as SwitchError).code, (error as SwitchError).retryAfterSeconds], ['SWITCH_ROUTE_UNAVAILABLE', 300])
})

test('the deadline ends a chain that has no answer, with the receipt', async () => {
  const result = await run([local((_request, signal) => silence(signal)).target], { seconds: 0.1 })
  const error = result.error as SwitchError
  assert.deepEqual([error.code, error.message, error.body.source, outcomes(result)], ['SWITCH_DEADLINE_EXCEEDED', 'Model took too long (>0.1s)', 'degraded_fallback', ['hermes failed deadline']])
})

test('a caller that leaves stops everything, and the breaker learns nothing', async () => {
  const controller = new AbortController()
  const first = remote((_request, signal) => {
    setImmediate(() => controller.abort(new CallerGone()))
    return silence(signal)
  })
  const second = local(() => answer('no'))
  const result = await run([first.target, second.target], { caller: controller.signal })
  assert.ok(result.error instanceof CallerGone)
  assert.deepEqual([outcomes(result), second.asked.length, first.target.breaker.state().state], [['openai cancelled caller_gone'], 0, 'closed'])
})

test('time that runs out in the queue is not held against the backend', async () => {
  const busy = remote((_request, signal) => silence(signal))
  const permit = await busy.target.gate.acquire(0, new AbortController().signal)
  for (let request = 0; request < 3; request++) {
    const result = await run([busy.target], { seconds: 0.05 })
    assert.deepEqual(outcomes(result), ['openai failed deadline'])
  }
  permit.release()
  assert.deepEqual([busy.target.breaker.state().state, busy.target.evidence.report().last_failure_reason, busy.asked.length], ['closed', null, 0])
})

test('a lost network is told once for all remote backends', async () => {
  let told = 0
  await run([remote(() => fails('network_down')).target, local(() => answer('Hi')).target], { onNetworkDown: () => told++ })
  assert.equal(told, 1)
})

test('a pause before a second try ends with the deadline', async () => {
  const first = remote(() => fails('rate_limited', [], { retryAfterSeconds: 0.1 }))
  const result = await run([first.target], { seconds: 0.25 })
  assert.ok(result.error)
  assert.equal(first.asked.length, 2)
})

test('the slot of a backend that does not let go stays taken until it has', async (t: TestContext) => {
  const { promise: letGo, resolve } = Promise.withResolvers<void>()
  const stubborn = local(async function* () {
    yield { type: 'text', text: 'One' }
    await letGo
  })
  const result = await run([stubborn.target], { seconds: 0.1 })
  t.after(() => resolve())
  assert.equal((result.error as SwitchError).code, 'SWITCH_DEADLINE_EXCEEDED')
  assert.equal(stubborn.target.gate.state().running, 1)
  resolve()
  await new Promise((done) => setImmediate(done))
  assert.equal(stubborn.target.gate.state().running, 0)
})

test('a model that would not be loaded in time is left to those who come later, when another backend may answer', async () => {
  let loads = 0
  const modelControl = { details: () => ({ keepAliveSeconds: 60 }), load: async () => { loads++ }, unload: async () => undefined }
  const idle = scripted('hermes', { modelControl, state: { status: 'unloaded', model: 'm', loadsOnDemand: true, loadTimeMs: 60_000 } }, () => answer('late'))
  const other = remote(() => answer('in time'))
  const both = await run([idle.target, other.target])
  assert.equal(both.text, 'in time')
  assert.deepEqual(both.receipt.attempts.map(({ outcome, reason }) => [outcome, reason]), [['skipped', 'no_time'], ['success', null]])
  assert.deepEqual([idle.asked.length, loads], [0, 1])
  const alone = await run([idle.target])
  assert.equal(alone.text, 'late', 'alone it is asked all the same')
})

test('the receipt names the model that really answered when it changed meanwhile', async () => {
  const changing = scripted('hermes', { state: { status: 'ready', model: 'new' } }, async function* () {
    yield { type: 'text', text: 'Hello' }
    yield { type: 'finish', reason: 'stop', model: 'old' }
  })
  const { receipt, completion } = await run([changing.target])
  assert.deepEqual([receipt.attempts[0]!.model, completion!.model], ['old', 'old'])
})
