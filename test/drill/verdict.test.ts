import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DrillCase } from '../../src/drill/cases.ts'
import { judge } from '../../src/drill/verdict.ts'
import type { Ground, Outcome } from '../../src/drill/verdict.ts'

const ground: Ground = { answer: '1, 2, 3, 4', beginning: '1, 2', isNextKnown: true, deadlineMs: 1000, asked: 1, open: 0, source: 'openai' }
const outcome: Outcome = { status: 200, text: '1, 2, 3, 4', isComplete: true, source: 'hermes', code: undefined, attempts: [], durationMs: 500 }

function result(expected: DrillCase['expected'], got: Partial<Outcome> = {}, on: Partial<Ground> = {}): string {
  return judge({ name: 'x', fault: { fault: 'cut' }, expected, mostAsked: 2, hangs: true }, { ...outcome, ...got }, { ...ground, ...on }).result
}

const continued = { answer: 'continued' } as const
const next = { answer: 'next' } as const
const upstream = { answer: 'upstream' } as const
const refused = { answer: 'refused', code: 'SWITCH_CONTENT_FILTERED' } as const

test('a whole answer from where it was expected passes', () => {
  assert.equal(result(continued), 'pass')
  assert.equal(result(next), 'pass')
  assert.equal(result(upstream, { source: 'openai' }), 'pass')
  assert.equal(result(refused, { isComplete: false, status: 400, code: 'SWITCH_CONTENT_FILTERED' }), 'pass')
})

test('an honest error where an answer was possible is partial', () => {
  for (const expected of [continued, next, upstream]) assert.equal(result(expected, { isComplete: false, status: 503, code: 'SWITCH_ROUTE_UNAVAILABLE', text: '' }), 'partial')
  assert.equal(result(upstream), 'partial', 'the next backend answered although the first one could')
})

test('a truncated answer that passes as complete fails', () => {
  assert.equal(result(continued, { source: 'openai', text: '1, 2' }), 'fail')
  assert.equal(result(continued, { text: '1, 2' }), 'fail')
  assert.equal(result(upstream, { source: 'openai', text: '1, 2' }), 'fail')
})

test('a repeated or lost word fails', () => {
  assert.equal(result(continued, { text: '1, 2, 2, 3, 4' }), 'fail')
  assert.equal(result(continued, { text: '1, 2, 4' }), 'fail')
})

test('an answer that breaks off without an error fails', () => {
  assert.equal(result(continued, { isComplete: false, text: '1, 2' }), 'fail')
})

test('an empty answer that passes as complete fails', () => {
  assert.equal(result(next, { text: ' ' }), 'fail')
})

test('more than 100 ms over the deadline fails', () => {
  assert.equal(result(next, { durationMs: 1090 }), 'pass')
  assert.equal(result(next, { durationMs: 1101 }), 'fail')
})

test('a backend that was asked too often fails', () => {
  assert.equal(result(next, {}, { asked: 3 }), 'fail')
})

test('a connection to a hanging upstream that is left open fails', () => {
  assert.equal(result(next, {}, { open: 1 }), 'fail')
})

test('an answer to what had to be refused fails', () => {
  assert.equal(result(refused), 'fail')
})

test('a prompt that is too long is answered by a larger context or refused', () => {
  const expected = { answer: 'larger-context' } as const
  assert.equal(result(expected), 'pass')
  assert.equal(result(expected, { isComplete: false, status: 400, code: 'SWITCH_REQUEST_CONTEXT_EXCEEDED', text: '' }), 'pass')
  assert.equal(result(expected, { isComplete: false, status: 503, code: 'SWITCH_ROUTE_UNAVAILABLE', text: '' }), 'partial')
})
