import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LlamaCppBackend } from '../../../src/backends/llama-cpp/backend.ts'
import { BackendError, CallerGone } from '../../../src/inference/failure.ts'
import { ask, localBackend, never, read } from '../../support/engine.ts'

const slots = 4
const requests = 120

type Question = { readonly prompt: string, readonly answer: string }

const questions: readonly Question[] = [
  { prompt: 'What is the capital of Spain?', answer: 'The capital of Spain is Madrid.' },
  { prompt: 'What is the capital of Peru?', answer: 'The capital of Peru is Lima.' },
  { prompt: 'What is the capital of Greece?', answer: 'The capital of Greece is Athens.' },
  { prompt: 'Repeat after me: zebra 4821', answer: 'zebra 4821' },
  { prompt: 'Repeat after me: Kavorin Melutas', answer: 'Kavorin Melutas' },
  ...[[11, 19], [34, 39], [52, 66]].map(([first, last]) => ({ prompt: `Count from ${first} to ${last}.`, answer: Array.from({ length: last! - first! + 1 }, (_, index) => first! + index).join(', ') }))
]

/** More tokens than the context holds. */
const tooLong = 'red '.repeat(2100)
const longPrompt = 'red '.repeat(800)
const longAnswer = 'Count from 1 to 100.'

test('every answer is its own, whatever the others do: aborts, refusals and readers that leave; and no slot is lost', async (t) => {
  const backend = localBackend(t, { settings: { slots } })
  await expectAnswer(backend, questions[0]!)
  const { enginePid } = backend
  let next = 0
  const caller = async () => {
    while (next < requests) await turn(backend, next++)
  }
  await Promise.all(Array.from({ length: slots }, caller))
  await expectAllSlots(backend)
  assert.equal(backend.enginePid, enginePid, 'the engine was not restarted')
})

/** Half of the requests read their answer, the others end in every other way. */
async function turn(backend: LlamaCppBackend, index: number): Promise<void> {
  switch (index % 10) {
    case 1: return hangUpInAnswer(backend, 1 + index * 2)
    case 3: return hangUpInPrompt(backend, index % 7)
    case 5: return leaveAfterFirstDelta(backend)
    case 7: return beRefused(backend)
    case 9: return hangUpBeforeTheStart(backend)
    default: return expectAnswer(backend, questions[index % questions.length]!)
  }
}

async function expectAnswer(backend: LlamaCppBackend, { prompt, answer }: Question): Promise<void> {
  const { text, finish } = await read(backend.generate(ask(prompt), never))
  assert.deepEqual({ prompt, text, finish }, { prompt, text: answer, finish: 'stop' })
}

/** What came until then is the beginning of the own answer. */
async function hangUpInAnswer(backend: LlamaCppBackend, afterCharacters: number): Promise<void> {
  const controller = new AbortController()
  let text = ''
  await assert.rejects(async () => {
    for await (const event of backend.generate(ask(longAnswer), controller.signal)) {
      if (event.type !== 'text') continue
      text += event.text
      if (text.length >= afterCharacters) controller.abort(new CallerGone())
    }
  }, CallerGone)
  assert.ok('1, 2, 3, 4, 5, 6, 7, 8, 9, 10, '.startsWith(text.slice(0, 30)), text)
}

async function hangUpInPrompt(backend: LlamaCppBackend, afterTurns: number): Promise<void> {
  const controller = new AbortController()
  const reading = assert.rejects(read(backend.generate(ask(longPrompt), controller.signal)), CallerGone)
  for (let turns = 0; turns < afterTurns; turns++) await new Promise((resolve) => { setImmediate(resolve) })
  controller.abort(new CallerGone())
  await reading
}

async function leaveAfterFirstDelta(backend: LlamaCppBackend): Promise<void> {
  for await (const event of backend.generate(ask(longAnswer), never)) {
    if (event.type === 'text') return
  }
  assert.fail('no text came')
}

async function beRefused(backend: LlamaCppBackend): Promise<void> {
  await assert.rejects(read(backend.generate(ask(tooLong), never)), (error: BackendError) => error.reason === 'context_length_exceeded')
}

async function hangUpBeforeTheStart(backend: LlamaCppBackend): Promise<void> {
  await assert.rejects(read(backend.generate(ask(longAnswer), AbortSignal.abort(new CallerGone()))), CallerGone)
}

/** All slots generate at the same time: each has said something before any goes on. */
async function expectAllSlots(backend: LlamaCppBackend): Promise<void> {
  const streams = Array.from({ length: slots }, () => backend.generate(ask(longAnswer), never))
  const begun = await Promise.all(streams.map((stream) => stream.next()))
  assert.deepEqual(begun.map(({ value }) => value?.type), Array.from({ length: slots }, () => 'text'))
  const rest = await Promise.all(streams.map((stream) => read(stream)))
  for (const { text } of rest) assert.match(text, /98, 99, 100$/)
}
