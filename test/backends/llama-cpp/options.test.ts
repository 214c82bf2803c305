import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ggufHeader } from '../../../bench/engine/gguf-header.ts'
import { gpuOption } from '../../../src/backends/llama-cpp/engine/loading/gpu.ts'
import type { EngineSettings } from '../../../src/backends/llama-cpp/protocol.ts'
import { ask, localBackend, never, read } from '../../support/engine.ts'
import { temporaryFolder, until } from '../../support/service.ts'
import type { TestContext } from 'node:test'

const question = ask('Count from 1 to 12.')
const answer = '1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12'

async function answerWith(t: TestContext, settings: Partial<EngineSettings>): Promise<string> {
  return (await read(localBackend(t, { settings }).generate(question, never))).text
}

for (const settings of [{ kvCache: 'q8_0' }, { hasFlashAttention: false }, { hasFlashAttention: false, kvCache: 'q8_0' }, { hasMmap: false }, { threads: 2 }, { gpu: 'auto' }] as const) {
  test(`answers with ${JSON.stringify(settings)}`, async (t) => {
    assert.equal(await answerWith(t, settings), answer)
  })
}

/** An adapter for the query weights of the first layer of switch-tiny, of rank 4, all of its values `value`. */
function writeAdapter(path: string, width: number, value: number): void {
  const rank = 4
  const tensors = ['lora_a', 'lora_b'].map((part) => ({ name: `blk.0.attn_q.weight.${part}`, dimensions: part === 'lora_a' ? [width, rank] : [rank, width], type: 0, bytes: width * rank * 4 }))
  const header = ggufHeader({
    'general.architecture': { kind: 'text', value: 'llama' }, 'general.type': { kind: 'text', value: 'adapter' },
    'adapter.type': { kind: 'text', value: 'lora' }, 'adapter.lora.alpha': { kind: 'float', value: rank }
  }, tensors)
  writeFileSync(path, Buffer.concat([header, ...tensors.map(() => Buffer.from(new Float32Array(width * rank).fill(value).buffer))]))
}

test('a LoRA adapter is applied with its scale', async (t) => {
  const folder = temporaryFolder(t)
  const [nothing, much] = [0, 0.3].map((value) => {
    const path = join(folder, `${value}.gguf`)
    writeAdapter(path, 192, value)
    return path
  })
  assert.equal(await answerWith(t, { lora: [{ path: nothing!, scale: 1 }] }), answer)
  assert.equal(await answerWith(t, { lora: [{ path: much!, scale: 0 }] }), answer)
  assert.notEqual(await answerWith(t, { lora: [{ path: much!, scale: 1 }] }), answer)
})

test('a LoRA adapter that is not there fails the loading with its path', async (t) => {
  const backend = localBackend(t, { settings: { lora: [{ path: '/nowhere/adapter.gguf', scale: 1 }] } })
  const { reason } = await until(() => backend.state().status === 'failed' && backend.state())
  assert.match(reason!, /\/nowhere\/adapter\.gguf.*HERMES_LORA/)
})

test('a GPU is looked for only where a build for one is installed', () => {
  assert.equal(gpuOption('off', () => true), false)
  assert.equal(gpuOption('auto', () => false), false)
  assert.equal(gpuOption('auto', (gpu) => gpu === 'vulkan'), 'auto')
  assert.equal(gpuOption('cuda', () => true), 'cuda')
  assert.throws(() => gpuOption('cuda', () => false), /HERMES_GPU=cuda.*npm run gpu -- cuda/)
})

test('a GPU that is asked for and not installed is an error that says what to do', async (t) => {
  const backend = localBackend(t, { settings: { gpu: 'vulkan' } })
  const { reason } = await until(() => backend.state().status === 'failed' && backend.state())
  assert.match(reason!, /HERMES_GPU=vulkan.*npm run gpu -- vulkan/)
})

test('in deterministic mode parallel answers equal single ones exactly, sampled ones too', async (t) => {
  const backend = localBackend(t, { settings: { slots: 4, isDeterministic: true } })
  const requests = [
    ask('Tell me a story about a dragon.', { temperature: 1.5, maxTokens: 150 }), ask('Count from 1 to 60.'),
    ask('Tell me a story about a robot.', { temperature: 0.9, maxTokens: 150 }), ask('What is the capital of France? '.repeat(40), { maxTokens: 100 })
  ]
  const tell = async (index: number) => (await read(backend.generate(requests[index]!, never))).text
  const alone: string[] = []
  for (const index of requests.keys()) alone.push(await tell(index))
  for (let round = 0; round < 3; round++) assert.deepEqual(await Promise.all(requests.map((_, index) => tell(index))), alone)
})
