import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BackendReport } from '../../src/routes/events-contract.ts'
import { reasonText, sentence } from '../../src/page/source/text/reasons.ts'
import { verdictOf } from '../../src/page/source/text/verdict.ts'
import { backend } from './records.ts'

const verdict = (...backends: BackendReport[]) => verdictOf({ routes: [{ name: 'default', backends: backends.map(({ name }) => name) }], backends })
const remote = (part: Partial<BackendReport> = {}) => backend({ name: 'openai', model: 'gpt', is_local: false, is_controllable: false, ...part })

test('ready when the first backend of the default route answers', () => {
  assert.deepEqual(verdict(remote(), backend()), { tone: 'good', title: 'Ready', why: 'openai answers with gpt.' })
})

test('a model that sleeps is ready, and said to sleep', () => {
  const { tone, why } = verdict(backend({ state: 'unloaded', loads_on_demand: true }))
  assert.deepEqual({ tone, why }, { tone: 'good', why: 'hermes is asleep: the next request wakes switch-tiny.' })
})

test('a fallback says why the first one is passed over, how long yet, and what a person can do', () => {
  const open = remote({ can_answer: false, breaker: { state: 'open', reason: 'unauthorized', retry_in_ms: 61_200 } })
  assert.deepEqual(verdict(open, backend()), {
    tone: 'warning', title: 'Answering from a fallback',
    why: 'hermes answers with switch-tiny. openai is left alone for another 1 min 2 s: it refused the key.',
    advice: 'Check its API key and restart Switch.'
  })
})

test('a backend on trial is no promise: the verdict says why, and who stands in', () => {
  const trial = remote({ breaker: { state: 'half-open', reason: 'server_error', retry_in_ms: 0 } })
  assert.deepEqual(verdict(trial, backend()), { tone: 'warning', title: 'Recovering', why: 'The next request tries openai again: its server failed the last time. If it fails, hermes answers.' })
})

test('a model that loads is on its way, with how far it is', () => {
  const { tone, title, why } = verdict(backend({ state: 'loading', can_answer: false, load_progress: 0.42 }))
  assert.deepEqual({ tone, title, why }, { tone: 'warning', title: 'Getting ready', why: 'hermes is loading switch-tiny. 42 % done. Requests wait for it.' })
})

test('nobody can answer: the reason of each, and what to do', () => {
  const damaged = backend({ state: 'failed', can_answer: false, reason: 'Model big is damaged. Download it again.' })
  const open = remote({ can_answer: false, breaker: { state: 'open', reason: 'server_error', retry_in_ms: 3900 } })
  assert.deepEqual(verdict(open, damaged), { tone: 'bad', title: 'Cannot answer', why: 'openai is left alone for another 4 s: its server failed. Model big is damaged. Download it again.' })
  const unloaded = verdict(backend({ state: 'unloaded', can_answer: false }))
  assert.deepEqual([unloaded.tone, unloaded.advice], ['bad', 'Load the model of hermes under Models.'])
})

test('an empty route says which settings fill it', () => {
  const { tone, advice } = verdictOf({ routes: [], backends: [] })
  assert.equal(tone, 'bad')
  assert.match(advice!, /OPENAI_API_KEY or HERMES_ENABLE/)
})

test('a reason that the page does not know is told as it is', () => {
  assert.equal(reasonText('new_reason'), 'new reason')
  assert.equal(reasonText('toString'), 'toString')
  assert.deepEqual([sentence('its server failed'), sentence('Done!')], ['Its server failed.', 'Done!'])
})
