import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PromptShare, chunkAlone } from '../../../../../src/backends/llama-cpp/engine/batching/prompt-share.ts'

/** Batches with the share beside `decoding` slots, on a machine where they take so long. */
function run(share: PromptShare, decoding: number, batches: number, tookMs: (promptTokens: number) => number): number {
  for (let batch = 0; batch < batches; batch++) share.note(decoding, share.of(decoding), tookMs(share.of(decoding)))
  return share.of(decoding)
}

test('the share is what takes as long as two steps', () => {
  const share = new PromptShare()
  share.note(1, 0, 20)
  assert.equal(run(share, 1, 50, (tokens) => 2 * tokens), 20)
  assert.equal(run(share, 1, 50, (tokens) => 0.5 * tokens), 80)
})

test('a part of the time that does not depend on the tokens is counted in', () => {
  const share = new PromptShare()
  share.note(1, 0, 10)
  const tokens = run(share, 1, 50, (promptTokens) => 10 + promptTokens / 2)
  assert.ok(tokens >= 19 && tokens <= 21, `${tokens}`)
})

test('the share never falls to nothing and never exceeds a chunk', () => {
  const share = new PromptShare()
  share.note(1, 0, 1)
  assert.equal(run(share, 1, 50, () => 1000), 16)
  assert.equal(run(share, 1, 50, () => 1), 128)
})

test('one slow batch changes little', () => {
  const share = new PromptShare()
  share.note(1, 0, 20)
  const before = run(share, 1, 50, (tokens) => tokens)
  share.note(1, before, 5000)
  assert.ok(share.of(1) >= before / 1.5)
})

test('batches that were not shared out say nothing about the share', () => {
  const share = new PromptShare()
  share.note(1, 0, 20)
  const before = share.of(1)
  share.note(1, before + 60, 500)
  share.note(0, 128, 300)
  assert.equal(share.of(1), before)
})

test('what is known of fewer slots serves for more until they are measured', () => {
  const share = new PromptShare()
  share.note(1, 0, 20)
  const known = run(share, 1, 50, (tokens) => tokens)
  assert.equal(share.of(4), known)
  assert.equal(run(share, 4, 50, (tokens) => 20 * tokens), 16)
  assert.equal(share.of(1), known)
})

test('alone a prompt goes in chunks that take 400 ms, of 128 to 256 tokens', () => {
  assert.deepEqual([undefined, 10, 2, 0.1].map(chunkAlone), [128, 128, 192, 256])
})
