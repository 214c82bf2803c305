import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Shape } from '../../../bench/engine/model-facts.ts'
import { q4, q8 } from '../../../bench/engine/quantised-rows.ts'
import { writeRandomModel } from '../../../bench/engine/random-model.ts'
import { ask, localBackend, never, read } from '../../support/engine.ts'

const tied: Shape = { name: 'mini', hidden: 64, layers: 2, heads: 2, keyHeads: 1, feedForward: 96, vocabulary: 2048, contextLength: 512, ropeBase: 10_000, isTied: true, format: q8 }

const shapes: Record<string, Shape> = { 'Q8_0 with one matrix for embedding and output': tied, 'Q4_0 with two': { ...tied, isTied: false, format: q4 } }

for (const [what, shape] of Object.entries(shapes)) {
  test(`a generated model never ends an answer early, ${what}`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'switch-model-'))
    t.after(() => rm(folder, { recursive: true }))
    const modelPath = join(folder, 'mini.gguf')
    await writeRandomModel(modelPath, shape)
    const backend = localBackend(t, { settings: { modelPath, contextLength: 512, isSpeculative: false } })
    for (const prompt of ['one two three', 'and another']) {
      const { text, usage, finish } = await read(backend.generate(ask(prompt, { maxTokens: 200 }), never))
      assert.deepEqual({ tokens: usage?.completion_tokens, finish }, { tokens: 200, finish: 'length' })
      // Each token is at least one character that is shown, and none is a part of one.
      assert.match(text, /^[ -~]{200,}$/)
    }
  })
}
