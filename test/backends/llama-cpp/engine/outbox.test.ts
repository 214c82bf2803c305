import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { Outbox } from '../../../../src/backends/llama-cpp/engine/outbox.ts'
import type { FromEngine, GenerationStep } from '../../../../src/backends/llama-cpp/protocol.ts'

const said = (id: number, text: string): GenerationStep => ({ type: 'event', id, event: { type: 'text', text } })
const ended = (id: number): GenerationStep => ({ type: 'ended', id })

/** An outbox and the steps of each message that it posted. */
function postedBy() {
  const messages: (readonly GenerationStep[])[] = []
  const outbox = new Outbox((message: FromEngine) => {
    assert.ok(message.type === 'steps')
    messages.push(message.steps)
  })
  return { outbox, messages }
}

const turn = () => new Promise((resolve) => { setImmediate(resolve) })

test('the first text is sent after its batch, what follows soon is sent together', async () => {
  const { outbox, messages } = postedBy()
  outbox.add(said(1, 'a'))
  assert.equal(messages.length, 0)
  outbox.postFirst()
  assert.deepEqual(messages, [[said(1, 'a')]])
  outbox.add(said(1, 'b'))
  outbox.postDue()
  outbox.add(said(1, 'c'))
  outbox.postDue()
  assert.equal(messages.length, 1)
  await wait(60)
  outbox.postFirst()
  assert.equal(messages.length, 1)
  outbox.postDue()
  assert.deepEqual(messages.slice(1), [[said(1, 'bc')]])
})

test('text waits no longer than a little for the end of a batch', async () => {
  const { outbox, messages } = postedBy()
  outbox.add(said(1, 'a'))
  outbox.postDue()
  outbox.add(said(1, 'b'))
  await wait(400)
  assert.deepEqual(messages.slice(1), [[said(1, 'b')]])
})

test('the first text of another generation waits for nothing and takes along what waits', () => {
  const { outbox, messages } = postedBy()
  outbox.add(said(1, 'a'))
  outbox.postDue()
  outbox.add(said(1, 'b'))
  outbox.add(said(2, 'c'))
  outbox.postDue()
  assert.deepEqual(messages.slice(1), [[said(1, 'b'), said(2, 'c')]])
})

test('the end of a generation waits for no batch and takes along what waits, in order', async () => {
  const { outbox, messages } = postedBy()
  outbox.add(said(1, 'a'))
  outbox.postDue()
  outbox.add(said(1, 'b'))
  outbox.add(ended(1))
  await turn()
  assert.deepEqual(messages.flat(), [said(1, 'a'), said(1, 'b'), ended(1)])
})

test('text that waits goes on as one piece, reasoning as another, and each generation has its own', () => {
  const { outbox, messages } = postedBy()
  const thought = (id: number, text: string): GenerationStep => ({ type: 'event', id, event: { type: 'reasoning', text } })
  const finish: GenerationStep = { type: 'event', id: 1, event: { type: 'finish', reason: 'stop' } }
  for (const step of [thought(1, 'a'), said(2, 'x'), thought(1, 'b'), said(1, 'c'), said(2, 'y'), said(1, 'd'), finish, said(2, 'z')]) outbox.add(step)
  outbox.postDue()
  outbox.postDue()
  assert.deepEqual(messages, [[thought(1, 'ab'), said(2, 'xyz'), said(1, 'cd'), finish]])
})

test('nothing is sent twice, and no message is empty', async () => {
  const { outbox, messages } = postedBy()
  const steps = Array.from({ length: 40 }, (_, index) => index % 10 === 9 ? ended(index) : said(index, 'x'))
  for (const step of steps) {
    outbox.add(step)
    if (step.id % 3 === 0) await wait(2)
    if (step.id % 4 === 0) outbox.postDue()
  }
  await wait(400)
  assert.deepEqual(messages.flat(), steps)
  assert.ok(messages.every((message) => message.length > 0))
})
