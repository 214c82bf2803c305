import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Splice, continuationMode, continuedRequest } from '../../src/inference/continuation.ts'
import type { BackendError } from '../../src/inference/failure.ts'
import { answer } from '../support/backends.ts'

async function spliced(textSoFar: string, pieces: readonly string[]): Promise<string> {
  const splice = new Splice('openai', textSoFar)
  let text = ''
  for await (const received of answer(...pieces)) {
    const event = splice.accept(received)
    if (event?.type === 'text') text += event.text
  }
  return text
}

test('chooses how to go on', () => {
  assert.equal(continuationMode('', true, true), 'begin')
  assert.equal(continuationMode('One', true, true), 'prefill')
  assert.equal(continuationMode('One', true, false), 'prefill')
  assert.equal(continuationMode('One', false, true), 'splice')
  assert.equal(continuationMode('One', false, false), 'replace')
})

test('only a backend that goes on after exact text is given the text', () => {
  const request = { messages: [], stop: [] }
  assert.equal(continuedRequest(request, 'One', 'prefill').prefill, 'One')
  for (const mode of ['begin', 'splice', 'replace'] as const) assert.equal(continuedRequest(request, 'One', mode).prefill, undefined)
})

test('gives only what is new, wherever the pieces are cut', async () => {
  const whole = 'One two three four'
  const soFar = 'One two'
  for (let first = 0; first <= whole.length; first++) {
    for (let second = first; second <= whole.length; second++) {
      assert.equal(await spliced(soFar, [whole.slice(0, first), whole.slice(first, second), whole.slice(second)]), ' three four')
    }
  }
})

test('nothing is new in an answer that ends exactly where the text does', async () => {
  assert.equal(await spliced('One two', ['One', ' two']), '')
})

for (const [what, pieces] of [['another beginning', ['Two', ' three']], ['another ending', ['One t', 'hree']], ['a difference across the seam', ['One tWo three']], ['an end before the text is reached', ['One']], ['an empty answer', []]] as const) {
  test(`${what} diverges`, async () => {
    await assert.rejects(spliced('One two', pieces), (error: BackendError) => error.reason === 'diverged')
  })
}
