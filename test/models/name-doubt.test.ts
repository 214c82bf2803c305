import assert from 'node:assert/strict'
import { test } from 'node:test'
import { billions, nameDoubt } from '../../src/models/name-doubt.ts'
import { catalogueEntry } from '../support/catalogue.ts'

const described = (parametersB: number, quantisation: string | undefined) => ({ architecture: 'llama', parametersB, quantisation, nativeContext: 2048 })

for (const [file, parametersB, quantisation] of [
  ['hermes-7b-q4.gguf', 7.24, 'Q4_0'], ['hermes-7b-q4.gguf', 7.24, 'Q4_K_M'], ['hermes-7b-q4.gguf', 7.24, 'IQ4_XS'],
  ['Llama-3.2-1B-Instruct-Q4_K_M.gguf', 1.24, 'Q4_K_M'], ['Qwen3-0.6B-UD-Q4_K_XL.gguf', 0.6, 'Q4_K_M'], ['SmolLM2-135M-Instruct-Q8_0.gguf', 0.135, 'Q8_0'],
  ['Mixtral-8x7B-Q4_0.gguf', 46.7, 'Q4_0'], ['Qwen3-30B-A3B-Q2_K.gguf', 30.5, 'Q2_K'], ['Hermes-2-Pro-Mistral-7B.IQ2_M.gguf', 7.24, 'IQ2_M'],
  ['model-4bit.gguf', 1, 'Q8_0'], ['mine.gguf', 7, 'Q4_0'], ['mine-q4.gguf', 7, undefined]
] as const) {
  test(`${file} may be a model of ${parametersB}B in ${quantisation}`, () => {
    assert.equal(nameDoubt(file, described(parametersB, quantisation), undefined), undefined)
  })
}

test('a small model under the name of a large one is doubted, and so is another quantisation', () => {
  assert.equal(nameDoubt('hermes-7b-q4.gguf', described(3.2, 'Q4_0'), undefined), 'The name hermes-7b-q4.gguf says 7B, but its header says 3.2B')
  assert.equal(nameDoubt('hermes-7b-q4.gguf', described(7.2, 'Q2_K'), undefined), 'The name hermes-7b-q4.gguf says Q4, but its header says Q2_K')
  assert.equal(nameDoubt('Mistral-7B-Q4_0.gguf', described(0.0021, 'F16'), undefined), 'The name Mistral-7B-Q4_0.gguf says 7B and Q4_0, but its header says 2.1M and F16')
  assert.equal(nameDoubt('Mistral-7B-Q4_0.gguf', described(7.2, 'Q4_K_M'), undefined), 'The name Mistral-7B-Q4_0.gguf says Q4_0, but its header says Q4_K_M')
})

test('the catalogue knows more than the name: all of its own file, the parameters of one named after its id', () => {
  const entry = catalogueEntry({ id: 'smart-q4', file: 'Smart.gguf', parameters_b: 7, quantisation: 'Q4_0' })
  assert.equal(nameDoubt('Smart.gguf', described(3, 'Q4_K_M'), entry), 'The name Smart.gguf says 7B and Q4_0, but its header says 3B and Q4_K_M')
  assert.equal(nameDoubt('smart-q4.gguf', described(7, 'Q4_K_M'), entry), undefined)
  assert.equal(nameDoubt('smart-q4.gguf', described(3, 'Q4_0'), entry), 'The name smart-q4.gguf says 7B, but its header says 3B')
})

test('parameters are written as people say them', () => {
  assert.deepEqual([0.0021, 0.135, 0.6, 3.21, 7.24, 14.8, 120].map(billions), ['2.1M', '135M', '600M', '3.2B', '7.2B', '14.8B', '120B'])
})
