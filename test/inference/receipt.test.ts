import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Receipt } from '../../src/inference/receipt.ts'
import { ManualClock } from '../support/clock.ts'

function startReceipt(): { clock: ManualClock, receipt: Receipt } {
  const clock = new ManualClock()
  clock.advance(123_456)
  return { clock, receipt: new Receipt(clock) }
}

test('records a failed attempt and the successful one after it, in order, with their times', () => {
  const { clock, receipt } = startReceipt()
  clock.advance(5)
  const first = receipt.begin('openai', 'gpt')
  first.admitted()
  clock.advance(100)
  first.failed('internal')
  clock.advance(2)
  const second = receipt.begin('hermes', 'switch-tiny')
  clock.advance(30)
  second.admitted()
  clock.advance(40)
  second.tokenArrived()
  clock.advance(50)
  second.tokenArrived()
  second.succeeded()
  assert.deepEqual(receipt.attempts, [
    { backend: 'openai', model: 'gpt', outcome: 'failed', reason: 'internal', started_ms: 5, queued_ms: 0, first_token_ms: null, duration_ms: 100, chars: 0 },
    { backend: 'hermes', model: 'switch-tiny', outcome: 'success', reason: null, started_ms: 107, queued_ms: 30, first_token_ms: 70, duration_ms: 120, chars: 0 }
  ])
  assert.equal(receipt.elapsedMs(), 227)
})

test('shows an attempt as running until it is closed', () => {
  const { receipt } = startReceipt()
  const attempt = receipt.begin('hermes', 'switch-tiny')
  assert.deepEqual(receipt.attempts.map(({ outcome, reason }) => [outcome, reason]), [['running', null]])
  attempt.cancelled()
  assert.deepEqual(receipt.attempts.map(({ outcome, reason }) => [outcome, reason]), [['cancelled', 'caller_gone']])
})

test('names the model that really answered', () => {
  const { receipt } = startReceipt()
  receipt.begin('ollama', 'auto').answersWith('qwen3:4b')
  assert.deepEqual(receipt.attempts.map(({ model }) => model), ['qwen3:4b'])
})

test('gives whole milliseconds', () => {
  const { clock, receipt } = startReceipt()
  clock.advance(0.6)
  const attempt = receipt.begin('hermes', 'switch-tiny')
  clock.advance(1.4)
  attempt.tokenArrived()
  clock.advance(1.3)
  attempt.succeeded()
  const [{ started_ms: started, first_token_ms: firstToken, duration_ms: duration } = assert.fail('no attempt')] = receipt.attempts
  assert.deepEqual([started, firstToken, duration, receipt.elapsedMs()], [1, 1, 3, 3])
})
