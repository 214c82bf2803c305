import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ResponseObject } from '../../../../src/routes/v1/responses/response-object.ts'
import { ResponseStore } from '../../../../src/routes/v1/responses/response-store.ts'
import type { StoredResponse } from '../../../../src/routes/v1/responses/response-store.ts'

const stored = (id: string, text = ''): StoredResponse => ({ response: { id } as ResponseObject, input: [], conversation: [{ type: 'message', id: `msg_${id}`, role: 'user', content: [{ type: 'input_text', text }] }] })
const keeping = (ids: string[], limits: { maxCount: number, maxBytes: number }) => {
  const store = new ResponseStore(limits)
  for (const id of ids) store.put(stored(id))
  return store
}
const held = (store: ResponseStore, ...ids: string[]) => ids.filter((id) => store.get(id) !== undefined)

test('the answer unused for longest goes first', () => {
  const store = keeping(['a', 'b'], { maxCount: 2, maxBytes: 1e6 })
  store.get('a')
  store.put(stored('c'))
  assert.deepEqual(held(store, 'a', 'b', 'c'), ['a', 'c'])
  assert.equal(store.count, 2)
})

test('memory is bounded too, and what is deleted makes room', () => {
  const store = keeping(['a', 'b'], { maxCount: 100, maxBytes: 1800 })
  store.put(stored('c', 'x'.repeat(650)))
  assert.deepEqual(held(store, 'a', 'b', 'c'), ['b', 'c'], 'a had to go')
  assert.ok(store.delete('c'))
  assert.ok(!store.delete('c'))
  for (const id of ['d', 'e', 'f']) store.put(stored(id))
  assert.deepEqual(held(store, 'b', 'd', 'e', 'f'), ['b', 'd', 'e', 'f'])
})

test('an answer larger than the whole store drives nothing out', () => {
  const store = keeping(['a'], { maxCount: 100, maxBytes: 1800 })
  store.put(stored('b', 'x'.repeat(2000)))
  assert.deepEqual(held(store, 'a', 'b'), ['a'])
})

test('an item is found by its id as long as an answer holds it', () => {
  const store = keeping(['a', 'b'], { maxCount: 2, maxBytes: 1e6 })
  assert.equal(store.item('msg_a')?.id, 'msg_a')
  store.delete('a')
  assert.equal(store.item('msg_a'), undefined)
})

test('what conversations share counts once, and stays as long as one of them', () => {
  const store = new ResponseStore({ maxCount: 100, maxBytes: 5000 })
  const long = stored('a', 'x'.repeat(2000)).conversation
  for (const id of ['a', 'b', 'c']) store.put({ ...stored(id), conversation: [...long, ...stored(id).conversation] })
  assert.deepEqual(held(store, 'a', 'b', 'c'), ['a', 'b', 'c'])
  store.delete('a')
  store.delete('b')
  assert.equal(store.item(long[0]!.id), long[0])
  store.put(stored('d', 'y'.repeat(2000)))
  assert.deepEqual(held(store, 'c', 'd'), ['d'], 'the shared item still counted')
})
