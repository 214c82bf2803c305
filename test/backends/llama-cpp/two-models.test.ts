// Two local models at once: both answer, and one that does not fit into memory leaves the work to the other.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { maker } from '../../../src/backends/registry.ts'
import { loadConfiguration } from '../../../src/config/configuration.ts'
import type { Environment } from '../../../src/config/load.ts'
import { BackendError } from '../../../src/inference/failure.ts'
import { MemoryBudget } from '../../../src/models/memory-budget.ts'
import { startServer } from '../../../src/server.ts'
import { ask, never, read } from '../../support/engine.ts'
import { modelFile, sevenBillion } from '../../support/gguf-file.ts'
import { post, ready, silentLogger, temporaryFolder, until } from '../../support/service.ts'

type Health = { model: string, reason?: string, fallback_available?: boolean, backends: { name: string, model: string, state: string, reason?: string }[] }
type Answer = { response: string, degraded: boolean, attempts: { backend: string, outcome: string }[] }

const question = { prompt: 'What is the capital of France?', temperature: 0, max_tokens: 20 }

/** The service with local models alone, as its command starts it. */
async function serve(t: TestContext, environment: Environment): Promise<string> {
  const { config, specs } = await loadConfiguration({ HERMES_MODEL_DIR: temporaryFolder(t), SWITCH_CACHE_DIR: temporaryFolder(t), PORT: '0', ...environment })
  const server = await startServer(config, silentLogger, specs)
  t.after(() => server.close())
  return server.url
}

/** Who answered: the last that was tried. */
const answererOf = ({ attempts }: Answer) => attempts.at(-1)!.backend
const health = async (url: string) => await (await fetch(`${url}/switch/health`)).json() as Health
const failed = (url: string, name: string) => until(async () => (await health(url)).backends.find((backend) => backend.name === name && backend.state === 'failed'))

test('two models that fit run at once, and each answers by its name', async (t) => {
  const url = await serve(t, { HERMES_MODEL_NAME: 'switch-tiny', HERMES_FALLBACK_MODEL: 'switch-tiny' })
  await until(async () => (await health(url)).backends.every(({ state }) => state === 'ready'))
  for (const model of ['hermes', 'hermes-fallback']) {
    const answer = await (await post(url, { ...question, model })).json() as Answer
    assert.deepEqual([answererOf(answer), answer.response], [model, 'The capital of France is Paris.'])
  }
})

test('a first model that does not fit is refused with numbers, the second one answers, and health is good', async (t) => {
  const url = await serve(t, { HERMES_MODEL_NAME: modelFile(t, sevenBillion), HERMES_FALLBACK_MODEL: 'switch-tiny', HERMES_MAX_MEMORY_MB: '4096' })
  const { reason } = await failed(url, 'hermes')
  assert.match(reason!, /^Model model could not be loaded: it needs \d+ MB \(\d+ for weights, \d+ for the KV cache, \d+ for buffers\), but the limit is 4096 MB \(HERMES_MAX_MEMORY_MB\)/)
  assert.equal((await ready(url))['model'], 'switch-tiny')
  const answer = await (await post(url, question)).json() as Answer
  assert.deepEqual([answererOf(answer), answer.response, answer.degraded], ['hermes-fallback', 'The capital of France is Paris.', true])
})

test('without a second model a context that is too large gives 503, the numbers, and a length that would fit', async (t) => {
  const path = modelFile(t, { ...sevenBillion, layers: 2, embeddingLength: 1024, heads: 8, keyValueHeads: 8, feedForwardLength: 512 })
  const url = await serve(t, { HERMES_MODEL_NAME: path, HERMES_CONTEXT_LENGTH: '1000000', HERMES_MAX_MEMORY_MB: '400' })
  await failed(url, 'hermes')
  const response = await fetch(`${url}/switch/health`)
  const { reason, fallback_available } = await response.json() as Health
  assert.deepEqual([response.status, fallback_available], [503, false])
  const [, needed, longest] = /it needs (\d+) MB \(.*\), but the limit is 400 MB .* A context length of (\d+) tokens would fit/.exec(reason!)!.map(Number)
  assert.ok(needed! > 400 && longest! < 32_768, reason)
  const refused = await post(url, question)
  assert.equal(refused.status, 503)
  assert.match(await refused.text(), /limit is 400 MB/)
})

test('a model that does not fit starts no engine; when the other is closed it is let in', async (t) => {
  const { specs: { backends: [spec] } } = await loadConfiguration({ HERMES_MODEL_NAME: 'switch-tiny', HERMES_MODEL_DIR: temporaryFolder(t), SWITCH_CACHE_DIR: temporaryFolder(t) })
  const budget = new MemoryBudget({ mb: 250, source: 'HERMES_MAX_MEMORY_MB' })
  const make = maker(silentLogger, budget)
  const [old, fresh] = await Promise.all([make(spec!), make(spec!)])
  t.after(() => Promise.all([old.close(), fresh.close()]))
  await until(() => fresh.state().status === 'failed')
  assert.match(fresh.state().reason!, /reserved by the engine that it replaces/)
  await assert.rejects(read(fresh.generate(ask('Hi'), never)), (error: BackendError) => error instanceof BackendError && error.reason === 'out_of_memory')
  assert.ok('enginePid' in fresh && fresh.enginePid === undefined, 'no process was started for it')
  await until(() => old.state().status === 'ready')
  await old.close()
  await until(() => fresh.state().status === 'ready')
  await fresh.close()
  assert.equal(budget.freeMb, 250)
})

test('a model that fails to load leaves its memory to the other', async (t) => {
  const budget = new MemoryBudget({ mb: 900, source: 'HERMES_MAX_MEMORY_MB' })
  const { specs: { backends: [damaged] } } = await loadConfiguration({ HERMES_MODEL_NAME: modelFile(t, { ...sevenBillion, layers: 1 }), SWITCH_CACHE_DIR: temporaryFolder(t) })
  const backend = await maker(silentLogger, budget)(damaged!)
  t.after(() => backend.close())
  await until(() => backend.state().status === 'failed')
  assert.match(backend.state().reason!, /could not be loaded/)
  assert.equal(budget.freeMb, 900)
})
