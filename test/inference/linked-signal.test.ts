import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { test } from 'node:test'
import { linkSignals } from '../../src/inference/linked-signal.ts'

const listenersOf = (controller: AbortController): number => getEventListeners(controller.signal, 'abort').length

test('aborts with the reason of the first source that aborts, whichever it is', () => {
  const [left, right] = [new AbortController(), new AbortController()]
  const { signal } = linkSignals([left.signal, right.signal])
  assert.equal(signal.aborted, false)
  const reason = new Error('right')
  right.abort(reason)
  left.abort(new Error('left'))
  assert.equal(signal.aborted, true)
  assert.equal(signal.reason, reason)
})

test('is aborted from the start when a source is', () => {
  const reason = new Error('earlier')
  const { signal } = linkSignals([new AbortController().signal, AbortSignal.abort(reason), AbortSignal.abort(new Error('second'))])
  assert.equal(signal.reason, reason)
})

test('does not abort its sources', () => {
  const [left, right] = [new AbortController(), new AbortController()]
  linkSignals([left.signal, right.signal])
  left.abort()
  assert.equal(right.signal.aborted, false)
})

test('holds nothing of a long-lived source once it is unlinked', () => {
  const service = new AbortController()
  const links = Array.from({ length: 5 }, () => linkSignals([service.signal, new AbortController().signal]))
  assert.equal(listenersOf(service), 5)
  for (const { unlink } of links) unlink()
  assert.equal(listenersOf(service), 0)
  service.abort()
  assert.deepEqual(links.map(({ signal }) => signal.aborted), [false, false, false, false, false])
})

test('can be unlinked after an abort, and twice', () => {
  const [left, right] = [new AbortController(), new AbortController()]
  const { signal, unlink } = linkSignals([left.signal, right.signal])
  left.abort(new Error('left'))
  unlink()
  unlink()
  assert.equal(listenersOf(right), 0)
  assert.match(String(signal.reason), /left/)
})
