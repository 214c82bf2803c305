// Which headers name a trace, and which are no good.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { traceHeaders, traceOf } from '../../src/inference/trace-context.ts'

const id = '4bf92f3577b34da6a3ce929d0e0e4736'
const span = '00f067aa0ba902b7'
const good = `00-${id}-${span}-01`

test('a traceparent in the form of the standard is taken, and its tracestate with it', () => {
  const trace = traceOf({ traceparent: good, tracestate: 'a=1,b=2' })
  assert.deepEqual(trace, { traceparent: good, tracestate: 'a=1,b=2' })
  assert.deepEqual(traceHeaders(trace!), ['traceparent', good, 'tracestate', 'a=1,b=2'])
  assert.deepEqual(traceHeaders(traceOf({ traceparent: good })!), ['traceparent', good])
})

test('a later version may go on behind the flags', () => {
  const later = `01-${id}-${span}-01-more`
  assert.deepEqual(traceOf({ traceparent: later }), { traceparent: later })
})

test('what is not in that form is ignored', () => {
  const bad = ['', 'nonsense', `ff-${id}-${span}-01`, `00-${'0'.repeat(32)}-${span}-01`, `00-${id}-${'0'.repeat(16)}-01`, `${good}-more`, `${good}\r\nx: y`, good.toUpperCase(), `01-${id}-${span}-01-${'x'.repeat(200)}`]
  for (const traceparent of bad) assert.equal(traceOf({ traceparent }), undefined, traceparent)
  assert.equal(traceOf({ tracestate: 'a=1' }), undefined)
  assert.deepEqual(traceOf({ traceparent: good, tracestate: 'x'.repeat(600) }), { traceparent: good })
})
